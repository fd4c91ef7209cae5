import type { Denoiser, State } from '../../core/index.js'
import { UsageError } from '../../core/index.js'
import type { CoefficientsAt } from './linearScore.js'

/** Features of one cloud `[points, 3]` times coefficients: the noise expected, `[points, 3]`. */
export type Force = (positions: Float32Array, sigma: number, coefficients: Float64Array) => Promise<Float32Array>

/**
 * The linear score behind the denoiser contract: `D = x - sigma * force(x)`, the clouds of a batch at once (a force
 * that spreads over threads does them in parallel).
 *
 * @param coefficients one for all clouds of the batch, or one each
 * @param counts       real points of each cloud; those after them are returned as they came
 */
export function linearDenoiser(
  force: Force,
  coefficients: CoefficientsAt | readonly CoefficientsAt[],
  counts?: readonly number[],
): Denoiser {
  return async (x, sigma) => {
    const [batch, points, channels] = x.shape
    if (channels !== 3)
      throw new UsageError(
        'expected a state of positions alone, [batch, points, 3]',
        `got ${channels} channels`,
        'drop the other channels',
      )
    if ((typeof coefficients !== 'function' && coefficients.length !== batch) || (counts && counts.length !== batch))
      throw new UsageError(
        `expected coefficients and counts for each of the ${batch} clouds`,
        `got ${typeof coefficients === 'function' ? 1 : coefficients.length} and ${counts?.length ?? 'none'}`,
        'bind one theta a cloud, or one for all',
      )
    const values = x.values.slice()
    await Promise.all(
      Array.from({ length: batch }, async (_, b) => {
        const start = b * points * 3
        const end = start + 3 * Math.min(points, counts?.[b] ?? points)
        const at = typeof coefficients === 'function' ? coefficients : coefficients[b]
        const noise = await force(x.values.slice(start, end), sigma, at(sigma))
        for (let i = start; i < end; i++) values[i] -= sigma * noise[i - start]
      }),
    )
    return { shape: x.shape, values } satisfies State
  }
}
