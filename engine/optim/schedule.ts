/** A learning rate: linear warm-up to `peak`, then half a cosine down to `final` at the last step. */
export interface WarmupCosine {
  readonly peak: number
  /** steps */
  readonly warmup: number
  readonly steps: number
  /** default 0 */
  readonly final?: number
}

/**
 * The rate of step `index`, from 0 (Loshchilov and Hutter 2017, arXiv 1608.03983, equation 5, without restarts).
 *
 * ```ts
 * warmupCosine({ peak: 1, warmup: 10, steps: 100 }, 4) // 0.5
 * ```
 */
export function warmupCosine({ peak, warmup, steps, final = 0 }: WarmupCosine, index: number): number {
  if (index < warmup) return (peak * (index + 1)) / warmup
  const share = Math.min(1, (index - warmup) / Math.max(1, steps - warmup))
  return final + 0.5 * (peak - final) * (1 + Math.cos(Math.PI * share))
}
