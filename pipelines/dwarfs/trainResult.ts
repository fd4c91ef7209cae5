import type { TrainingFacts } from '../run/index.js'

/** What a training run ends with; `train --json` prints it. The loss is in nats. */
export interface TrainResult extends TrainingFacts {
  readonly seconds: number
  readonly galaxies: Readonly<Record<'training' | 'validation', number>>
  readonly stars: readonly [number, number]
  /** best mean log q(theta | x) of each network over held-out galaxies, nats above the prior's density */
  readonly information: readonly number[]
}
