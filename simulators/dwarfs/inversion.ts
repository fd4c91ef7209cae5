import { logGamma } from '../../core/logGamma.js'
import { cellNodes, cellWeights, singularWeights } from './quadrature.js'
import { splineThrough } from './spline.js'

/** The potential at one radius. Any unit of velocity; all derivatives are with ln r. */
export interface PotentialAt {
  /** Relative potential: positive, 0 at infinity */
  readonly psi: number
  /** psi at some fixed place minus psi here: differences of it are exact where psi itself is large beside them */
  readonly depth: number
  /** V = -dpsi / dln r, the squared circular velocity */
  readonly circularSquared: number
  /** dln V / dln r */
  readonly slope: number
  /** Its derivative */
  readonly slopeRate: number
}

export interface SphericalPotential {
  at(r: number): PotentialAt
}

/** ln nu and its first three derivatives with ln r. */
export interface LogDensityAt {
  readonly log: number
  readonly first: number
  readonly second: number
  readonly third: number
}

export interface TracerDensity {
  at(r: number): LogDensityAt
}

/** beta(r) = (beta_0 r_a^2 + r^2) / (r_a^2 + r^2) */
export interface Anisotropy {
  /** In [-1/2, 1/2] */
  readonly beta0: number
  /** May be infinite: constant anisotropy */
  readonly rA: number
}

/** f_Q on a grid of radii, the value at index i being that at Q = psi(r_i): ascending r, so descending Q. */
export interface InvertedGrid {
  readonly anisotropy: Anisotropy
  readonly r: Float64Array
  readonly psi: Float64Array
  readonly depth: Float64Array
  /** f = L^(-2 beta_0) f_Q, stars per volume and velocity cubed */
  readonly f: Float64Array
  /** |f| up to which a value may be an error of rounding and quadrature alone */
  readonly noise: Float64Array
  /** rho_Q = r^(2 beta_0) (1 + r^2/r_a^2)^(1 - beta_0) nu */
  readonly rhoQ: Float64Array
}

/** Width in ln r of the cells of the quadrature; values between are by a spline. */
const cellWidth = 0.25
/** Values of f_Q a cell */
export const subdivisions = 4
/** How far beyond the last Q the integral goes, in ln r; beyond that rho_Q'' is taken as linear in psi. */
const tailCells = 14
const tailWidth = 0.5
/** Noise of a value, as a share of the sum of the absolute values of its terms. */
const relativeNoise = 1e-6

/** rho_Q = C times the integral of (psi - Q)^(1/2 - beta_0) f_Q dQ. */
export function abelConstant(beta0: number): number {
  const angles = Math.sqrt(Math.PI) * Math.exp(logGamma(1 - beta0) - logGamma(1.5 - beta0))
  return 2 * Math.PI * angles * 2 ** (0.5 - beta0)
}

/**
 * The distribution function f(E, L) = L^(-2 beta_0) f_Q(Q), Q = E - L^2 / (2 r_a^2), of a tracer in a potential that
 * need not be its own: Cuddeford 1991, MNRAS 253, 414. rho_Q(psi) is the fractional integral of order 3/2 - beta_0 of
 * f_Q, so that with k = 1/2 + beta_0
 *
 *   f_Q(Q) = 1 / (C Gamma(3/2 - beta_0) Gamma(3/2 + beta_0)) * integral from 0 to Q of (Q - psi)^k rho_Q''' dpsi,
 *
 * integrated by parts once more than is usual (rho_Q and its slope vanish at psi = 0, a rest of rho_Q'' is added): the
 * kernel is then bounded for every beta_0 in [-1/2, 1/2], and the limits (-1/2: second derivative; 0: Eddington 1916;
 * 1/2: first derivative) are exact with no case of their own. All derivatives are analytic.
 *
 * @param radii the first and the last radius whose potential is a Q of the grid
 */
export function invert(
  tracer: TracerDensity,
  potential: SphericalPotential,
  anisotropy: Anisotropy,
  [inner, outer]: readonly [number, number],
): InvertedGrid {
  const { beta0 } = anisotropy
  const kernel = 0.5 + beta0
  const cells = Math.ceil(Math.log(outer / inner) / cellWidth)
  const n = cellNodes.length
  const nodes = (cells + tailCells) * n
  const weight = new Float64Array(nodes)
  const plain = new Float64Array(nodes)
  const depth = new Float64Array(nodes)
  const start = Math.log(inner)
  for (let c = 0; c < cells + tailCells; c++) {
    const width = c < cells ? cellWidth : tailWidth
    const from = start + Math.min(c, cells) * cellWidth + Math.max(0, c - cells) * tailWidth
    for (let i = 0; i < n; i++) {
      const r = Math.exp(from + cellNodes[i] * width)
      const v = potential.at(r)
      const { rho, third } = augmented(tracer, v, anisotropy, r)
      // rho_Q''' |dpsi| = -rho P_3 / V^3 * V ds
      weight[c * n + i] = (-rho * third * width) / v.circularSquared ** 2
      plain[c * n + i] = weight[c * n + i] * cellWeights[i]
      depth[c * n + i] = v.depth
    }
  }
  const edge = Math.exp(start + cells * cellWidth + tailCells * tailWidth)
  const there = potential.at(edge)
  const last = augmented(tracer, there, anisotropy, edge)
  const rest = (last.rho * last.second) / there.circularSquared ** 2
  const scale = 1 / (abelConstant(beta0) * Math.exp(logGamma(1.5 - beta0) + logGamma(1.5 + beta0)))

  const points = cells * subdivisions + 1
  const out = {
    anisotropy,
    r: new Float64Array(points),
    psi: new Float64Array(points),
    depth: new Float64Array(points),
    f: new Float64Array(points),
    noise: new Float64Array(points),
    rhoQ: new Float64Array(points),
  }
  const guess = new Float64Array(points)
  for (let i = 0; i < points; i++) {
    const r = Math.exp(start + (i * cellWidth) / subdivisions)
    const v = potential.at(r)
    out.r[i] = r
    out.psi[i] = v.psi
    out.depth[i] = v.depth
    const { rho } = augmented(tracer, v, anisotropy, r)
    out.rhoQ[i] = rho
    // The order of magnitude that a power law would have: V is the distance in psi over which things change, at most
    // psi itself.
    const width = (v.psi * v.circularSquared) / (v.psi + v.circularSquared)
    guess[i] = (scale * rho) / width ** (1.5 - beta0)
  }

  const near = singularWeights(kernel)
  const ratio = new Float64Array(cells + 1)
  const ratioNoise = new Float64Array(cells + 1)
  for (let j = 0; j <= cells; j++) {
    const here = out.depth[j * subdivisions]
    let sum = rest * out.psi[j * subdivisions] ** kernel
    let size = Math.abs(sum)
    // In the cell that begins at Q the kernel is a power of the distance times something smooth.
    for (let i = 0; i < n && j < cells; i++) {
      const at = j * n + i
      const term = near[i] * power((depth[at] - here) / cellNodes[i], kernel) * weight[at]
      sum += term
      size += Math.abs(term)
    }
    for (let at = Math.min(j + 1, cells) * n; at < nodes; at++) {
      const term = power(depth[at] - here, kernel) * plain[at]
      sum += term
      size += Math.abs(term)
    }
    ratio[j] = (scale * sum) / guess[j * subdivisions]
    ratioNoise[j] = (relativeNoise * scale * size) / guess[j * subdivisions]
  }
  // f is nearly a power law, so its logarithm is nearly straight; where f has no logarithm, its ratio to the guess is.
  const positive = ratio.every(value => value > 0)
  const between = splineThrough(positive ? ratio.map((value, j) => Math.log(value * guess[j * subdivisions])) : ratio)
  for (let i = 0; i < points; i++) {
    out.f[i] = positive ? Math.exp(between(i / subdivisions)) : guess[i] * between(i / subdivisions)
    const before = Math.floor(i / subdivisions)
    out.noise[i] = guess[i] * Math.max(ratioNoise[before], ratioNoise[Math.min(before + 1, cells)])
  }
  return out
}

/** Twice as fast as Math.pow, which would take most of the time. 0 for x = 0. */
export function power(x: number, exponent: number): number {
  return Math.exp(exponent * Math.log(x))
}

/**
 * rho_Q and P_2, P_3 of its derivatives with psi: d^n rho_Q / dpsi^n = rho_Q P_n / (-V)^n, P_(n+1) = dP_n/ds + P_n (P_1
 * - n dlnV/ds), s = ln r.
 */
function augmented(tracer: TracerDensity, v: PotentialAt, { beta0, rA }: Anisotropy, r: number) {
  const nu = tracer.at(r)
  const q = (r / rA) ** 2
  const a = q / (1 + q)
  const first = nu.first + 2 * beta0 + 2 * (1 - beta0) * a
  const l2 = nu.second + 4 * (1 - beta0) * a * (1 - a)
  const l3 = nu.third + 8 * (1 - beta0) * a * (1 - a) * (1 - 2 * a)
  const second = l2 + first * (first - v.slope)
  const secondRate = l3 + l2 * (first - v.slope) + first * (l2 - v.slopeRate)
  const third = secondRate + second * (first - 2 * v.slope)
  const rho = Math.exp(nu.log + 2 * beta0 * Math.log(r) + (1 - beta0) * Math.log1p(q))
  return { rho, second, third }
}
