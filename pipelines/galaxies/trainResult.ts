import type { TrainingFacts } from '../run/index.js'
import type { LevelShare } from './validate.js'

/** What a training run ends with; `train --json` prints it. */
export interface TrainResult extends TrainingFacts {
  readonly seconds: Readonly<Record<'pairs' | 'ladder' | 'marks' | 'network' | 'validation' | 'total', number>>
  readonly explained: readonly LevelShare[]
  readonly fields: Readonly<Record<'training' | 'validation', number>>
  /** rows of the data that were held out, counted over all files */
  readonly validation_rows: readonly number[]
}
