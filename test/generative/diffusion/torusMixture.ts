import { type Box, type Denoiser, type Key, normal, type State, uniform, wrapPositions } from '../../../core/index.js'
import { wrappedNormal } from '../../../generative/diffusion/index.js'

/** Wrapped Gaussians on a periodic box: the exact score is known at every noise level, images and all. */
export interface TorusMixture {
  readonly box: readonly number[]
  readonly weights: readonly number[]
  readonly means: readonly (readonly number[])[]
  readonly sds: readonly number[]
}

export const twoClumps: TorusMixture = {
  box: [10, 6],
  weights: [0.6, 0.4],
  // The first lies across a face, where a score that forgets images goes wrong.
  means: [
    [9.7, 3],
    [4, 0.5],
  ],
  sds: [0.8, 0.5],
}

/** log density and score of one point of the mixture blurred by sigma. */
function blurred({ box, weights, means, sds }: TorusMixture, point: readonly number[], sigma: number) {
  const parts = weights.map((weight, k) => {
    const axes = box.map((length, axis) =>
      wrappedNormal(point[axis] - means[k][axis], Math.hypot(sds[k], sigma), length),
    )
    return {
      log: Math.log(weight) + axes.reduce((sum, { logProb }) => sum + logProb, 0),
      scores: axes.map(a => a.score),
    }
  })
  const top = Math.max(...parts.map(part => part.log))
  const sum = parts.reduce((total, { log }) => total + Math.exp(log - top), 0)
  const score = box.map((_, axis) =>
    parts.reduce((s, { log, scores }) => s + (Math.exp(log - top) / sum) * scores[axis], 0),
  )
  return { logProb: top + Math.log(sum), score }
}

/** D = x + sigma^2 score, of a lifted or wrapped state. */
export function torusDenoiser(mixture: TorusMixture): Denoiser {
  const dim = mixture.box.length
  return async (x, sigma) => {
    const values = new Float32Array(x.values.length)
    for (let i = 0; i < values.length; i += dim) {
      const { score } = blurred(mixture, [...x.values.subarray(i, i + dim)], sigma)
      for (let axis = 0; axis < dim; axis++) values[i + axis] = x.values[i + axis] + sigma ** 2 * score[axis]
    }
    return { shape: x.shape, values }
  }
}

/** log p(x; sigma) of every point. */
export function torusLogProbs(mixture: TorusMixture, x: State, sigma = 0): Float64Array {
  const dim = mixture.box.length
  return Float64Array.from({ length: x.values.length / dim }, (_, i) => {
    return blurred(mixture, [...x.values.subarray(i * dim, (i + 1) * dim)], sigma).logProb
  })
}

/** Exact draws, wrapped: `[1, points, dim]`. */
export function drawTorusMixture({ box, weights, means, sds }: TorusMixture, key: Key, points: number): State {
  const which = uniform(key.split('which'), points)
  const noise = normal(key.split('noise'), points * box.length)
  const values = noise.map((z, i) => {
    const k = which[Math.floor(i / box.length)] < weights[0] ? 0 : 1
    return means[k][i % box.length] + sds[k] * z
  })
  return { shape: [1, points, box.length], values: wrapPositions(values, box as Box) }
}
