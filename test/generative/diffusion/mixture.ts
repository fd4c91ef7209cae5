import { type Denoiser, type Key, normal, type State, uniform } from '../../../src/core/index.js'

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

/** log p(x; sigma) of the mixture blurred by sigma, and the chance of each component given x. */
export function blurred(mixture: Mixture, x: ArrayLike<number>, sigma: number): { logProb: number; chances: number[] } {
  const logs = mixture.weights.map((weight, k) => {
    const variance = mixture.sds[k] ** 2 + sigma ** 2
    let square = 0
    for (let axis = 0; axis < mixture.dim; axis++) square += (x[axis] - mixture.means[k][axis]) ** 2
    return Math.log(weight) - (mixture.dim / 2) * Math.log(2 * Math.PI * variance) - square / (2 * variance)
  })
  const top = Math.max(...logs)
  const sum = logs.reduce((total, log) => total + Math.exp(log - top), 0)
  return { logProb: top + Math.log(sum), chances: logs.map(log => Math.exp(log - top) / sum) }
}

/** The exact D(x; sigma), every point on its own. */
export function denoiserOf(mixture: Mixture): Denoiser {
  return async (x, sigma) => {
    const { dim } = mixture
    const values = new Float32Array(x.values.length)
    for (let i = 0; i < values.length; i += dim) {
      const { chances } = blurred(mixture, x.values.subarray(i, i + dim), sigma)
      for (let axis = 0; axis < dim; axis++) {
        let clean = 0
        chances.forEach((chance, k) => {
          const variance = mixture.sds[k] ** 2
          clean += (chance * (variance * x.values[i + axis] + sigma ** 2 * mixture.means[k][axis])) / (variance + sigma ** 2)
        })
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
    for (let below = mixture.weights[0]; which[i] > below && k < mixture.weights.length - 1; ) below += mixture.weights[++k]
    const sd = Math.hypot(mixture.sds[k], sigma)
    for (let axis = 0; axis < dim; axis++) values[i * dim + axis] = mixture.means[k][axis] + sd * noise[i * dim + axis]
  }
  return { shape: [batch, points, dim], values }
}

/** log p(x; sigma) of every point. */
export function logProbs(mixture: Mixture, x: State, sigma = 0): Float64Array {
  const { dim } = mixture
  return Float64Array.from({ length: x.values.length / dim }, (_, i) => {
    return blurred(mixture, x.values.subarray(i * dim, (i + 1) * dim), sigma).logProb
  })
}

/** Root mean square difference of two states. */
export function rms(a: State, b: State): number {
  let sum = 0
  for (let i = 0; i < a.values.length; i++) sum += (a.values[i] - b.values[i]) ** 2
  return Math.sqrt(sum / a.values.length)
}
