import type { Key } from '../../core/index.js'
import { randomStream } from './randomStream.js'
import { rowsAt, shuffled, systematicResample } from './resample.js'

/** Draws that count with weights. */
export interface WeightedDraws {
  readonly dim: number
  /** `[n, dim]` */
  readonly draws: Float64Array
  /** `[n]`, they sum to 1 */
  readonly weights: Float64Array
  /** Kish's, (sum w)^2 / sum w^2 */
  readonly effectiveSampleSize: number
}

/**
 * Draws of equal weight, `[count, dim]`, in random order; draws that repeat are worth no more than
 * `effectiveSampleSize` different ones.
 *
 *     const run = await sampleNested(likelihood, { prior, key })
 *     const theta = equallyWeighted(run, 1000, makeKey(1))   // `[1000, dim]`
 */
export function equallyWeighted({ dim, draws, weights }: WeightedDraws, count: number, key: Key): Float64Array {
  const random = randomStream(key)
  return rowsAt(draws, dim, shuffled(systematicResample(weights, count, random), random))
}

/** The mean of f over the draws. */
export function weightedMean({ dim, draws, weights }: WeightedDraws, f: (x: Float64Array) => number): number {
  return weights.reduce((sum, w, i) => (w > 0 ? sum + w * f(draws.subarray(i * dim, (i + 1) * dim)) : sum), 0)
}
