import { type Denoiser, type Key, normal, type State, uniform } from '../../../core/index.js'

/** A mixture of isotropic Gaussians: the one distribution whose score is known in closed form at every noise level. */
export interface Mixture {
  readonly dim: number
  readonly weights: readonly number[]
  readonly means: readonly (readonly number[])[]
  readonly sds: readonly number[]
}

export const threeClumps: Mixture = {
  dim: 2,
  weights: [0.5, 0.3, 0.2],
  means: [
    [-1, 0.5],
    [1.2, 0.8],
    [0.3, -1.4],
  ],
  sds: [0.3, 0.5, 0.4],
}

export const oneGaussian = (sd: number, mean = 0): Mixture => ({ dim: 1, weights: [1], means: [[mean]], sds: [sd] })

/** log p(x; sigma) of the point at `offset`; fills `chances` with those of each component given x. */
function blurred(mixture: Mixture, values: Float32Array, offset: number, sigma: number, chances: Float64Array): number {
  const { dim, weights, means, sds } = mixture
  let top = Number.NEGATIVE_INFINITY
  for (let k = 0; k < weights.length; k++) {
    const variance = sds[k] ** 2 + sigma ** 2
    let square = 0
    for (let axis = 0; axis < dim; axis++) square += (values[offset + axis] - means[k][axis]) ** 2
    chances[k] = Math.log(weights[k]) - (dim / 2) * Math.log(2 * Math.PI * variance) - square / (2 * variance)
    top = Math.max(top, chances[k])
  }
  let sum = 0
  for (let k = 0; k < weights.length; k++) {
    chances[k] = Math.exp(chances[k] - top)
    sum += chances[k]
  }
  for (let k = 0; k < weights.length; k++) chances[k] /= sum
  return top + Math.log(sum)
}

/** The exact D(x; sigma), every point on its own. */
export function denoiserOf(mixture: Mixture): Denoiser {
  const { dim, means, sds } = mixture
  const chances = new Float64Array(means.length)
  return async (x, sigma) => {
    const values = new Float32Array(x.values.length)
    for (let i = 0; i < values.length; i += dim) {
      blurred(mixture, x.values, i, sigma, chances)
      for (let axis = 0; axis < dim; axis++) {
        let clean = 0
        for (let k = 0; k < means.length; k++) {
          const variance = sds[k] ** 2
          clean +=
            (chances[k] * (variance * x.values[i + axis] + sigma ** 2 * means[k][axis])) / (variance + sigma ** 2)
        }
        values[i + axis] = clean
      }
    }
    return { shape: x.shape, values }
  }
}

/** Exact draws of the mixture blurred by sigma: `[batch, points, dim]`. */
export function drawMixture(mixture: Mixture, key: Key, batch: number, points: number, sigma = 0): State {
  const { dim } = mixture
  const which = uniform(key.split('which'), batch * points)
  const noise = normal(key.split('noise'), batch * points * dim)
  const values = new Float32Array(batch * points * dim)
  for (let i = 0; i < which.length; i++) {
    let k = 0
    for (let below = mixture.weights[0]; which[i] > below && k < mixture.weights.length - 1; )
      below += mixture.weights[++k]
    const sd = Math.hypot(mixture.sds[k], sigma)
    for (let axis = 0; axis < dim; axis++) values[i * dim + axis] = mixture.means[k][axis] + sd * noise[i * dim + axis]
  }
  return { shape: [batch, points, dim], values }
}

/** log p(x; sigma) of every point. */
export function logProbs(mixture: Mixture, x: State, sigma = 0): Float64Array {
  const chances = new Float64Array(mixture.means.length)
  return Float64Array.from({ length: x.values.length / mixture.dim }, (_, i) =>
    blurred(mixture, x.values, i * mixture.dim, sigma, chances),
  )
}

/** Root mean square difference of two states. */
export function rms(a: State, b: State): number {
  let sum = 0
  for (let i = 0; i < a.values.length; i++) sum += (a.values[i] - b.values[i]) ** 2
  return Math.sqrt(sum / a.values.length)
}

/** Mean and its standard error. */
export function meanAndError(values: ArrayLike<number>): { mean: number; error: number } {
  let [sum, square] = [0, 0]
  for (let i = 0; i < values.length; i++) sum += values[i]
  const mean = sum / values.length
  for (let i = 0; i < values.length; i++) square += (values[i] - mean) ** 2
  return { mean, error: Math.sqrt(square / (values.length - 1) / values.length) }
}
