import { cpus } from 'node:os'

/** One line of `npm run bench`; ratio = peer / ours. */
export interface BenchLine {
  readonly name: string
  readonly size: string
  readonly ours_ms: number
  readonly peer: string | null
  readonly peer_ms: number | null
  readonly ratio: number | null
  readonly threads: number
  readonly cpu: string
  readonly [more: string]: unknown
}

/** The model of the processor, for `BenchLine.cpu`. */
export function processorModel(): string {
  return cpus()[0]?.model ?? 'unknown'
}

/** The upper median. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]
}
