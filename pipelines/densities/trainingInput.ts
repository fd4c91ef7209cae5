import type { Failures } from './simulator/simulateRows.js'
import type { ReadSimulations } from './tableInput.js'

/** What a training learns from. */
export interface TrainingInput {
  readonly simulations: ReadSimulations
  /** in all, dropped and failed ones too */
  readonly rows: number
  /** `[p]` */
  readonly units: readonly string[]
  /** of a simulator that was run */
  readonly failures?: Failures
}
