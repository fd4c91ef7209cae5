import type { Key } from '../../core/index.js'
import type { DwarfPrior } from '../../simulators/index.js'
import type { RunContext, RunFolder } from '../run/index.js'
import type { Split } from '../stream/index.js'
import type { DwarfsConfig } from './config.js'
import type { DwarfsNetwork } from './network.js'
import type { TrainingData } from './trainingData.js'

/** A training run as its stages see it. */
export interface TrainStage {
  readonly folder: RunFolder<DwarfsConfig>
  readonly config: DwarfsConfig
  readonly data: TrainingData
  readonly prior: DwarfPrior
  readonly split: Split
  readonly network: DwarfsNetwork
  readonly key: Key
  readonly threads: number
  readonly context: RunContext
}
