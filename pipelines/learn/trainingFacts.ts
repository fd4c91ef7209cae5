import { logNormalRows } from '../../generative/prior/index.js'
import { readMetrics } from '../run/metrics.js'
import type { HeldOut, TrainedMember } from './members.js'

/** The mean loss of the last fifty steps in a metrics.jsonl, those before a resume too; null where there are none. */
export async function finalLoss(metrics: string): Promise<number | null> {
  const last = (await readMetrics(metrics)).slice(-50).map(row => Number(row.loss))
  return last.length > 0 ? last.reduce((a, b) => a + b, 0) / last.length : null
}

/** The most memory that this process has held so far, MiB. */
export function peakMemory(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024)
}

/** Steps of all networks; speed and waiting of the last. */
export function ensembleFacts(members: readonly TrainedMember[]) {
  const last = members[members.length - 1]
  return {
    steps: members.reduce((sum, { steps }) => sum + steps, 0),
    stepsPerSecond: last.stepsPerSecond,
    dataWaitFraction: last.dataWaitFraction,
  }
}

/**
 * Nats that a network gives of held-out theta beyond the prior: its mean log q(z | x), which is its validation, less
 * the mean log N(z).
 */
export function informationBeyondPrior<O>({ validation }: TrainedMember, heldOut: readonly HeldOut<O>[]): number {
  let [sum, count] = [0, 0]
  for (const { z, objects, count: own } of heldOut) {
    const dim = z.length / objects.length
    const logs = logNormalRows(Float64Array.from(z), dim)
    for (let i = 0; i < own; i++) sum += logs[i]
    count += own
  }
  return validation - sum / count
}
