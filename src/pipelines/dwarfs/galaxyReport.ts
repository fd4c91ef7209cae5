import { type Dwarf, type Key, uniform } from '../../core/index.js'
import type { DwarfReportData, Fact, ProfileReport, Timing } from '../../report/index.js'
import { dwarfLabels } from '../../report/index.js'
import { type DwarfPrior, dwarfNames, fromUnitCube, type Interval, priorNames } from '../../simulators/index.js'
import { describeEnvironment } from '../run/environment.js'
import { type DerivedQuantity, dispersionBand, logRadii, profileBands } from './derived.js'
import { checkDispersion } from './predictive.js'
import { quantiles } from './quantiles.js'
import type { Unusualness } from './trainedRegion.js'

/** What was found of one galaxy, for its page. */
export interface GalaxyFindings {
  /** as a title */
  readonly name: string
  /** what was done, in a sentence */
  readonly lead: string
  readonly dwarf: Dwarf
  /** kpc */
  readonly distance?: number
  /** said in the keys: `network`, `Jeans analysis` */
  readonly label: string
  /** `[n, 6]` in the order of `dwarfNames` */
  readonly theta: Float64Array
  readonly second?: { readonly label: string; readonly theta: Float64Array }
  /** of the posterior: drawn beside it, and its bounds */
  readonly prior: DwarfPrior
  readonly bounds: readonly Interval[]
  readonly quantities: readonly DerivedQuantity[]
  /** `heldOut`: distances of held-out simulated galaxies */
  readonly unusual?: Unusualness & { readonly flagged: boolean; readonly heldOut: ArrayLike<number> }
  readonly warnings: readonly string[]
  readonly notes: readonly string[]
  readonly key: Key
  readonly threads: number
  readonly timings: readonly Timing[]
  readonly provenance: readonly Fact[]
}

/**
 * The page of one galaxy: profiles between a fifth of the innermost tenth of its stars and twice the outermost, the posterior beside its prior, and the
 * measured dispersions beside those that the posterior expects. Where the galaxy is simulated its truth is drawn.
 */
export function galaxyReportData(found: GalaxyFindings): DwarfReportData {
  const { dwarf, theta, second, quantities, unusual, key } = found
  const truth = dwarfNames.every(name => Number.isFinite(dwarf.theta[name]))
    ? dwarfNames.map(name => dwarf.theta[name])
    : undefined
  const number = (name: DerivedQuantity['name']) => quantities.find(quantity => quantity.name === name)
  const fact = (
    label: string,
    quantity: DerivedQuantity | undefined,
    of = (value: number) => value.toPrecision(3),
  ): Fact[] =>
    quantity
      ? [
          {
            label: `${label}  [${quantity.units.replace('kpc3', 'kpc³')}]`,
            value: `${of(quantity.q50)} (${of(quantity.q16)} to ${of(quantity.q84)})`,
          },
        ]
      : []
  return {
    title: found.name,
    lead: found.lead,
    facts: [
      { label: 'Stars', value: String(dwarf.stars) },
      ...(found.distance === undefined
        ? []
        : [{ label: 'Distance', value: `${Number(found.distance.toPrecision(4))} kpc` }]),
      ...fact('Vₘₐₓ', number('v_max')),
      ...fact('ρ(150 pc)', number('rho_150'), value => value.toExponential(1).replace('e+', 'e')),
    ],
    warnings: found.warnings,
    notes: found.notes,
    galaxy: {
      stars: dwarf,
      labels: dwarfLabels,
      posterior: { label: found.label, values: theta },
      ...(second && { second: { label: second.label, values: second.theta } }),
      prior: { label: 'prior', values: priorDraws(found.prior, key.split('prior'), 8000) },
      bounds: found.bounds,
      ...(truth && { truth }),
      profiles: profilesOf(found, truth),
      derived: quantities,
      ...(unusual && { unusual: { ...unusual, distances: unusual.heldOut } }),
    },
    timings: found.timings,
    environment: Object.entries(describeEnvironment(found.threads)).map(([label, value]) => ({
      label,
      value: typeof value === 'object' ? JSON.stringify(value) : String(value),
    })),
    provenance: found.provenance,
  }
}

function profilesOf({ dwarf, theta, second, key }: GalaxyFindings, truth: readonly number[] | undefined): ProfileReport[] {
  const { stars, positions, membership } = dwarf
  const radii = Float64Array.from({ length: stars }, (_, i) => Math.hypot(positions[2 * i], positions[2 * i + 1]))
  const likely = radii.filter((radius, i) => radius > 0 && (membership?.[i] ?? 1) > 0.5)
  const shown = likely.length > 2 ? likely : radii.filter(radius => radius > 0)
  const [inner, half, outer] = quantiles(shown, [0.1, 0.5, 1])
  const marks = [
    { x: half, label: 'half the stars' },
    { x: outer, label: 'last star' },
  ]
  const r = logRadii(inner / 5, 2 * outer, 60)
  const R = logRadii(Math.max(inner / 2, outer / 300), outer, 30)
  const own = profileBands(theta, r)
  const other = second && profileBands(second.theta, r)
  const real = truth && profileBands(truth, r)
  const check = checkDispersion(dwarf, theta, key.split('dispersion'), { draws: 300 })
  const curves: ProfileReport[] = (['rho', 'mass', 'beta'] as const).map(kind => ({
    kind,
    band: own[kind],
    ...(other && { second: other[kind] }),
    ...(real && { truth: { x: r, y: real[kind].q50 } }),
    marks,
  }))
  const measured = check.bins.map(({ radius, observed: { sigma, low, high } }) => ({
    radius,
    sigma,
    error: (high - low) / 2,
  }))
  curves.push({
    kind: 'dispersion',
    band: dispersionBand(theta, R, undefined, 500),
    ...(second && { second: dispersionBand(second.theta, R, undefined, 500) }),
    ...(truth && { truth: { x: R, y: dispersionBand(truth, R).q50 } }),
    points: {
      x: measured.map(point => point.radius),
      y: measured.map(point => point.sigma),
      error: measured.map(point => point.error),
    },
    marks: marks.slice(0, 1),
    note: `Posterior predictive p = ${check.p.toPrecision(2)}: near 0 the model cannot make such a profile.`,
  })
  return curves
}

function priorDraws(prior: DwarfPrior, key: Key, n: number): Float64Array {
  const width = priorNames.length
  const u = uniform(key, n * width)
  const draws = new Float64Array(n * width)
  for (let i = 0; i < n; i++) {
    const theta = fromUnitCube(u.subarray(i * width, (i + 1) * width), prior)
    dwarfNames.forEach((name, p) => {
      draws[i * width + p] = theta[name]
    })
  }
  return draws
}
