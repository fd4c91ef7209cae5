/**
 * A prior as the image of a standard normal: `z ~ N(0, I)` in R^p becomes `theta`. Every method that infers theta works
 * in z, where the prior is a standard normal whatever it is in theta, and where nothing can leave the prior's support:
 *
 *     log p(theta | x) = log p(z | x) + logProb(theta) - log N(z).
 *
 * All arrays are rows, flat and row-major: `[n, p]`.
 */
export interface ParameterPrior {
  /** `[p]` */
  readonly names: readonly string[]
  /** theta of standard normal coordinates */
  toTheta(z: Float64Array): Float64Array
  /** The coordinates of theta; not finite where theta lies outside the prior's support. */
  toNormal(theta: Float64Array): Float64Array
  /** `[n]` nats, normalised; -Infinity outside the support */
  logProb(theta: Float64Array): Float64Array
}
