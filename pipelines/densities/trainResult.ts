import type { TrainingFacts } from '../run/index.js'
import type { Dropped } from './ingest.js'

/** What a training run ends with; `train --json` prints it. */
export interface TrainResult extends TrainingFacts {
  readonly method: string
  readonly seconds: number
  readonly rows: Readonly<Record<'all' | 'training' | 'validation', number>>
  readonly dropped: Dropped & { readonly all: number }
  /** rows a step */
  readonly batch: number
  /** least held-out loss of each network */
  readonly validation: readonly number[]
  readonly warnings: readonly string[]
  /** simulations that failed, by kind, where a simulator was run */
  readonly failures?: Readonly<Record<string, number>>
}
