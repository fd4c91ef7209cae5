/** What a training run ends with; `train --json` prints it. */
export interface TrainResult {
  readonly run: string
  readonly steps: number
  /** mean of the last fifty steps, nats */
  readonly loss: number | null
  readonly steps_per_second: number | null
  readonly data_wait_fraction: number
  readonly peak_rss_mb: number
  readonly seconds: number
  readonly galaxies: Readonly<Record<'training' | 'validation', number>>
  readonly stars: readonly [number, number]
  /** best mean log q(theta | x) of each network over held-out galaxies, nats above the prior's density */
  readonly information: readonly number[]
}
