import { UsageError } from '../../core/index.js'
import type { BandCurve, DerivedRow } from '../../report/index.js'
import {
  dwarfNames,
  type Gnfw,
  jeansInGnfw,
  jeansTable,
  lineOfSightVariance,
  makeGnfw,
  newtonG,
} from '../../simulators/index.js'
import { quantiles } from '../answers/quantiles.js'
import { makeCone, saturationDensity } from './cone.js'
import type { UncertainDistance } from './distances.js'

export interface Bands {
  /** Msun/kpc3 */
  readonly rho: BandCurve
  /** Msun within r */
  readonly mass: BandCurve
  readonly beta: BandCurve
}

/** A number that follows from theta, over the posterior. */
export interface DerivedQuantity extends DerivedRow {
  readonly name: 'v_max' | 'r_max' | 'rho_150' | 'log10_j' | 'log10_d'
  /** `[n]`, a value a draw */
  readonly values: Float64Array
}

export interface DerivedOptions {
  /** kpc; without it J and D factors are left out */
  readonly distance?: number
  /** Half-angle of the cone of J and D, degrees; default 0.5 */
  readonly angle?: number
  /** `[n]` distances of the draws over `distance`, and what they change; all 1 where absent */
  readonly spread?: { readonly ratios: ArrayLike<number>; readonly places: UncertainDistance['places'] }
  /** `[n]` weights of the draws, as a user's prior gives them; all equal where absent */
  readonly weights?: ArrayLike<number>
}

/**
 * What people ask of a posterior: the peak of the circular velocity, the density at 150 pc, J and D factors.
 *
 * @param theta  `[n, 6]` draws in the order of `dwarfNames`
 * @returns quantities, and `notes` on what was cut
 */
export function derivedQuantities(
  theta: ArrayLike<number>,
  { distance, angle = 0.5, spread, weights }: DerivedOptions = {},
): { readonly quantities: readonly DerivedQuantity[]; readonly notes: readonly string[] } {
  if (!(angle > 0 && angle < 90)) {
    throw new UsageError('expected an angle between 0 and 90 degrees', `got ${angle}`, 'the usual one is 0.5')
  }
  const n = countOf(theta)
  const cone = distance === undefined ? undefined : makeCone(distance, angle)
  const columns: Record<DerivedQuantity['name'], Float64Array> = {
    v_max: new Float64Array(n),
    r_max: new Float64Array(n),
    rho_150: new Float64Array(n),
    log10_j: new Float64Array(n),
    log10_d: new Float64Array(n),
  }
  let [cut, widest] = [0, 0]
  for (let i = 0; i < n; i++) {
    const halo = haloOf(theta, i)
    const peak = circularPeak(halo)
    columns.v_max[i] = peak.velocity
    columns.r_max[i] = peak.radius
    columns.rho_150[i] = halo.density(0.15)
    if (!cone) continue
    // J and D at s times the distance are s times those of a halo whose lengths are s times smaller, at the distance
    // itself
    const s = spread?.ratios[i] ?? 1
    const { gamma, r_s, rho_0 } = halo
    const seen = spread?.places === 'angles' ? { gamma, r_s, rho_0: rho_0 / s ** 2 } : { gamma, r_s: r_s / s, rho_0 }
    const { j, d, cutAt } = cone.factors(seen)
    columns.log10_j[i] = Math.log10(s * j)
    columns.log10_d[i] = Math.log10(s * d)
    if (cutAt > 0) cut++
    widest = Math.max(widest, s * cutAt)
  }
  const described = [
    ['v_max', 'V_max', 'km/s'],
    ['r_max', 'r_max', 'kpc'],
    ['rho_150', 'rho(150 pc)', 'Msun/kpc3'],
    ['log10_j', `log10 J(${angle} deg)`, 'GeV2 cm-5'],
    ['log10_d', `log10 D(${angle} deg)`, 'GeV cm-2'],
  ] as const
  const quantities = described
    .filter(([name]) => cone || !name.startsWith('log10'))
    .map(([name, label, units]) => {
      const [q05, q16, q50, q84, q95] = quantiles(columns[name], [0.05, 0.16, 0.5, 0.84, 0.95], weights)
      return { name, label, units, q05, q16, q50, q84, q95, values: columns[name] }
    })
  const notes: string[] = []
  if (cut > 0) {
    const share = Math.max(0.1, Math.round((1000 * cut) / n) / 10)
    const where = `within ${Number((1000 * widest).toPrecision(2)).toExponential()} pc or less`
    notes.push(
      `In ${share}% of the draws the inner slope is 1.5 or more, where J diverges: the density is held at ${saturationDensity.toExponential()} Msun/kpc3 there, ${where}.`,
    )
  }
  if (!cone) notes.push('J and D factors want a distance: pass --distance KPC or --galaxy NAME.')
  return { quantities, notes }
}

/**
 * Bands of the density, the enclosed mass and the anisotropy over the draws.
 *
 * @param r  radii in kpc, ascending
 */
export function profileBands(theta: ArrayLike<number>, r: readonly number[], weights?: ArrayLike<number>): Bands {
  const n = countOf(theta)
  const rho = r.map(() => new Float64Array(n))
  const mass = r.map(() => new Float64Array(n))
  const beta = r.map(() => new Float64Array(n))
  for (let i = 0; i < n; i++) {
    const halo = haloOf(theta, i)
    const { beta_0, log10_r_a } = drawOf(theta, i)
    const square = 10 ** (2 * log10_r_a)
    for (let k = 0; k < r.length; k++) {
      rho[k][i] = halo.density(r[k])
      mass[k][i] = halo.enclosedMass(r[k])
      beta[k][i] = (beta_0 * square + r[k] ** 2) / (square + r[k] ** 2)
    }
  }
  return { rho: bandOf(r, rho, weights), mass: bandOf(r, mass, weights), beta: bandOf(r, beta, weights) }
}

/**
 * The band of the line-of-sight dispersion (km/s) by the spherical Jeans equation, errors of measurement not included;
 * at most `most` draws, evenly taken.
 *
 * @param radii  projected, kpc, ascending
 */
export function dispersionBand(
  theta: ArrayLike<number>,
  radii: readonly number[],
  weights?: ArrayLike<number>,
  most = 1000,
): BandCurve {
  const n = countOf(theta)
  const taken = Array.from({ length: Math.min(n, most) }, (_, i) => Math.floor((i * n) / Math.min(n, most)))
  const curves = radii.map(() => new Float64Array(taken.length))
  const table = jeansTable()
  taken.forEach((row, i) => {
    const { gamma, log10_r_s, log10_rho_0, log10_r_star, beta_0, log10_r_a } = drawOf(theta, row)
    const tracer = { r_star: 10 ** log10_r_star, beta_0, r_a: 10 ** log10_r_a }
    jeansInGnfw(tracer, { gamma, r_s: 10 ** log10_r_s, rho_0: 10 ** log10_rho_0 }, table)
    radii.forEach((R, k) => {
      curves[k][i] = Math.sqrt(Math.max(0, lineOfSightVariance(table, Math.log(R / tracer.r_star))))
    })
  })
  return bandOf(radii, curves, weights && taken.map(row => weights[row]))
}

/** `count` radii from `from` to `to` kpc, geometric. */
export function logRadii(from: number, to: number, count: number): number[] {
  return Array.from({ length: count }, (_, k) => from * (to / from) ** (k / (count - 1)))
}

/**
 * Where the circular velocity peaks: 4 pi rho r^3 = M(r). It does for inner slopes below 2; at 2 it rises inwards to a
 * constant, and beyond without end.
 */
export function circularPeak(halo: Gnfw): { readonly radius: number; readonly velocity: number } {
  const { gamma, r_s, rho_0 } = halo
  if (gamma > 2) return { radius: 0, velocity: Number.POSITIVE_INFINITY }
  const innermost = { radius: 0, velocity: r_s * Math.sqrt(4 * Math.PI * newtonG * rho_0) }
  if (gamma === 2) return innermost
  const shape = makeGnfw({ gamma, r_s: 1, rho_0: 1 })
  const rising = (x: number) => 4 * Math.PI * shape.density(x) * x ** 3 > shape.enclosedMass(x)
  let [low, high] = [-40, 5]
  if (!rising(Math.exp(low))) return innermost
  for (let pass = 0; pass < 46; pass++) {
    const middle = (low + high) / 2
    if (rising(Math.exp(middle))) low = middle
    else high = middle
  }
  const radius = r_s * Math.exp(low)
  return { radius, velocity: Math.sqrt((newtonG * halo.enclosedMass(radius)) / radius) }
}

function countOf(theta: ArrayLike<number>): number {
  const n = theta.length / dwarfNames.length
  if (Number.isInteger(n) && n > 0) return n
  throw new UsageError(
    `expected draws [n, ${dwarfNames.length}]`,
    `got ${theta.length} numbers`,
    'draw from a posterior',
  )
}

function drawOf(theta: ArrayLike<number>, row: number) {
  const at = row * dwarfNames.length
  return {
    gamma: theta[at],
    log10_r_s: theta[at + 1],
    log10_rho_0: theta[at + 2],
    log10_r_star: theta[at + 3],
    beta_0: theta[at + 4],
    log10_r_a: theta[at + 5],
  }
}

function haloOf(theta: ArrayLike<number>, row: number): Gnfw {
  const { gamma, log10_r_s, log10_rho_0 } = drawOf(theta, row)
  return makeGnfw({ gamma, r_s: 10 ** log10_r_s, rho_0: 10 ** log10_rho_0 })
}

function bandOf(r: readonly number[], curves: readonly Float64Array[], weights?: ArrayLike<number>): BandCurve {
  const found = curves.map(values => quantiles(values, [0.025, 0.16, 0.5, 0.84, 0.975], weights))
  const at = (place: number) => found.map(values => values[place])
  return { r, q025: at(0), q16: at(1), q50: at(2), q84: at(3), q975: at(4) }
}
