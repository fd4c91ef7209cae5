import { UsageError } from '../../core/index.js'

/** The share of the added noise's variance that a model explains at one span of noise levels. */
export interface ExplainedShare {
  /** log SNR of the span, [from, to) */
  readonly from: number
  readonly to: number
  /** clouds that fell in it */
  readonly count: number
  /** 1 - sum |eps - eps_hat|^2 / sum |eps|^2; NaN where no cloud fell */
  readonly share: number
  /** standard error over clouds (of a ratio of sums); NaN with fewer than two */
  readonly error: number
}

/**
 * Explained share by noise level: what models are compared by, since the loss is dominated by noise that no model can
 * predict (for halo fields shares of 1 to 8% are the whole signal).
 *
 * @param edges    ascending log SNR; a cloud outside them is not counted
 * @param logSnr   of each cloud, `[batch]`
 * @param residual |eps - eps_hat|^2 of each cloud and
 * @param variance |eps|^2, both as `denoisingLoss` and `vdmLoss` return them, gathered over any number of batches
 */
export function explainedByLevel(
  edges: readonly number[],
  logSnr: ArrayLike<number>,
  residual: ArrayLike<number>,
  variance: ArrayLike<number>,
): ExplainedShare[] {
  if (edges.length < 2 || edges.some((edge, i) => i > 0 && !(edge > edges[i - 1]))) {
    throw new UsageError(
      'expected at least two ascending edges of log SNR',
      `got ${edges.join(', ')}`,
      'pass ascending edges',
    )
  }
  return edges.slice(1).map((to, span) => {
    const from = edges[span]
    const inside: number[] = []
    for (let i = 0; i < logSnr.length; i++) if (logSnr[i] >= from && logSnr[i] < to) inside.push(i)
    const whole = inside.reduce((sum, i) => sum + variance[i], 0)
    const left = inside.reduce((sum, i) => sum + residual[i], 0) / whole
    const square = inside.reduce((sum, i) => sum + (residual[i] - left * variance[i]) ** 2, 0)
    const count = inside.length
    const error = count < 2 ? Number.NaN : Math.sqrt((square * count) / (count - 1)) / whole
    return { from, to, count, share: 1 - left, error }
  })
}
