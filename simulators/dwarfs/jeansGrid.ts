import { gaussLegendre } from './gaussLegendre.js'

/**
 * Everything in the spherical Jeans equation of a Plummer tracer that depends neither on the halo nor on the
 * anisotropy. All lengths are in units of the stars' r*, so it is made once. What remains for one galaxy is a table of
 * masses, one sweep inwards and one product with a triangular matrix.
 */
export interface JeansGrid {
  /** `[radii]` r / r*, geometric */
  readonly x: Float64Array
  /** ln x[0] and the step of ln x */
  readonly first: number
  readonly step: number
  /**
   * `[radii - 1, 4]` integral of nu(x) f(x) dx over interval k = sum of these with f at the four nodes from
   * `stencil(k)`
   */
  readonly inward: Float64Array
  /** `[radii]` nu(x) with nu(0) = 1 */
  readonly tracer: Float64Array
  /** projected radii are the radii `lowest`, `lowest + stride`, …: `projected` of them */
  readonly lowest: number
  readonly stride: number
  readonly projected: number
  /** `[projected, radii]` sigma_los^2 = sum_k along[k] sigma_r^2[k] - across[k] beta[k] sigma_r^2[k] */
  readonly along: Float64Array
  readonly across: Float64Array
  /** `[projected]` the weights of a row are 0 from here on */
  readonly until: Int32Array
}

/** The first of the four nodes that interpolate within interval k. */
export function stencil(k: number, radii: number): number {
  return Math.min(Math.max(k - 1, 0), radii - 4)
}

/** Weights of Lagrange's cubic through 0, 1, 2, 3 at t, to `out`. */
export function cubicWeights(t: number, out: Float64Array): Float64Array {
  const a = t - 1
  const b = t - 2
  const c = t - 3
  out[0] = (-a * b * c) / 6
  out[1] = (t * b * c) / 2
  out[2] = (-t * a * c) / 2
  out[3] = (t * a * b) / 6
  return out
}

const radii = 74
const first = -4.95
const step = 0.15
const lowest = 1
const stride = 2
const projected = 30
/** Beyond e^3.6 = 37 R a line of sight has met all but (R/r)^4 = 6e-7 of its stars, where they fall with r^-5. */
const reach = 24

/** index of the radius nearest r* */
const centre = Math.round(-first / step)
const plummer = (x: number): number => (1 + x * x) ** -2.5

function make(): JeansGrid {
  const x = Float64Array.from({ length: radii }, (_, k) => Math.exp(first + step * k))
  const rule = gaussLegendre(10)
  const weights = new Float64Array(4)
  const inward = new Float64Array((radii - 1) * 4)
  for (let k = 0; k < radii - 1; k++) {
    const start = stencil(k, radii)
    for (const [i, node] of rule.nodes.entries()) {
      const place = k + (1 + node) / 2
      const at = Math.exp(first + step * place)
      cubicWeights(place - start, weights)
      const amount = (rule.weights[i] * step * at * plummer(at)) / 2
      for (let j = 0; j < 4; j++) inward[4 * k + j] += amount * weights[j]
    }
  }
  const along = new Float64Array(projected * radii)
  const across = new Float64Array(projected * radii)
  const until = new Int32Array(projected)
  for (let row = 0; row < projected; row++) {
    const from = lowest + stride * row
    const radius = x[from]
    // the surface density of nu: 4/3 (1 + R^2)^-2
    const surface = (4 / 3) * (1 + radius * radius) ** -2
    const end = Math.min(radii - 1, Math.max(from, centre) + reach)
    until[row] = Math.min(radii, end + 2)
    for (let k = from; k < end; k++) {
      const start = stencil(k, radii)
      // along the line of sight z the integrand is smooth also where the line passes closest
      const near = Math.sqrt(Math.max(0, x[k] ** 2 - radius ** 2))
      const far = Math.sqrt(x[k + 1] ** 2 - radius ** 2)
      for (const [i, node] of rule.nodes.entries()) {
        const at = Math.hypot(radius, near + ((far - near) * (1 + node)) / 2)
        cubicWeights((Math.log(at) - first) / step - start, weights)
        const amount = (rule.weights[i] * (far - near) * plummer(at)) / surface
        for (let j = 0; j < 4; j++) {
          along[row * radii + start + j] += amount * weights[j]
          across[row * radii + start + j] += amount * weights[j] * (radius / at) ** 2
        }
      }
    }
  }
  return {
    x,
    first,
    step,
    inward,
    tracer: x.map(plummer),
    lowest,
    stride,
    projected,
    along,
    across,
    until,
  }
}

let grid: JeansGrid | undefined

/** The grid, made at the first call (a few milliseconds): r from 0.007 to 400 r*, R from 0.008 to 49 r*. */
export function jeansGrid(): JeansGrid {
  grid ??= make()
  return grid
}
