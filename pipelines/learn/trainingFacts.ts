import { readMetrics } from '../run/metrics.js'

/** What every training run says of itself at its end. */
export interface TrainingFacts {
  readonly run: string
  readonly steps: number
  /** mean of the last fifty steps */
  readonly loss: number | null
  readonly steps_per_second: number | null
  readonly data_wait_fraction: number
  readonly peak_rss_mb: number
}

/** The mean loss of the last fifty steps in a metrics.jsonl, those before a resume too; null where there are none. */
export async function finalLoss(metrics: string): Promise<number | null> {
  const last = (await readMetrics(metrics)).slice(-50).map(row => Number(row.loss))
  return last.length > 0 ? last.reduce((a, b) => a + b, 0) / last.length : null
}

/** The most memory that this process has held so far, MiB. */
export function peakMemory(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024)
}
