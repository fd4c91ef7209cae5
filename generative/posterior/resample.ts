import { type Key, uniform } from '../../core/index.js'
import type { RandomStream } from './randomStream.js'
import { relativeWeights } from './weights.js'

/**
 * Indices of `count` draws with the chances `weights` (which sum to 1), each as often as its weight allows to within
 * one: systematic resampling, Carpenter et al. 1999 (doi:10.1049/ip-rsn:19990255). In ascending order.
 */
export function systematicResample(
  weights: Float64Array,
  count: number,
  random: Pick<RandomStream, 'uniform'>,
): Int32Array {
  const offset = random.uniform()
  return inverted(weights, count, i => (i + offset) / count)
}

/**
 * Indices of `count` independent draws with the chances `weights`, in ascending order: sorted uniform numbers by
 * exponential gaps.
 */
export function multinomialResample(weights: Float64Array, count: number, random: RandomStream): Int32Array {
  const sums = new Float64Array(count + 1)
  for (let i = 0, sum = 0; i <= count; i++) {
    sum -= Math.log(random.uniform())
    sums[i] = sum
  }
  return inverted(weights, count, i => sums[i] / sums[count])
}

/**
 * As many indices as there are weights, by systematic resampling with one number of the key. In ascending order.
 *
 * @param logWeights up to a constant, at least one of them finite
 */
export function resampleByLogWeights(logWeights: Float64Array, key: Key): Int32Array {
  const weights = relativeWeights(logWeights)
  const total = weights.reduce((a, b) => a + b, 0)
  return systematicResample(
    weights.map(weight => weight / total),
    weights.length,
    { uniform: () => uniform(key, 1)[0] },
  )
}

/** The same indices in random order, in place (Fisher and Yates). */
export function shuffled(indices: Int32Array, random: RandomStream): Int32Array {
  for (let i = indices.length - 1; i > 0; i--) {
    const j = random.integer(i + 1)
    const held = indices[i]
    indices[i] = indices[j]
    indices[j] = held
  }
  return indices
}

function inverted(weights: Float64Array, count: number, ascending: (i: number) => number): Int32Array {
  const out = new Int32Array(count)
  let at = 0
  let below = weights[0]
  for (let i = 0; i < count; i++) {
    const u = ascending(i)
    while (u >= below && at < weights.length - 1) below += weights[++at]
    out[i] = at
  }
  return out
}

/** The rows `[n, dim]` at these indices. */
export function rowsAt(rows: Float64Array, dim: number, indices: ArrayLike<number>): Float64Array {
  const out = new Float64Array(indices.length * dim)
  for (let i = 0; i < indices.length; i++) out.set(rows.subarray(indices[i] * dim, (indices[i] + 1) * dim), i * dim)
  return out
}
