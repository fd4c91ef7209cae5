import type { Parameters } from '../../../core/index.js'
import type { MethodReader } from '../reader.js'
import type { SimulationStatistics } from '../simulationStatistics.js'

/** What every method that conditions on observations is made from. */
export interface ReaderOptions<O> {
  readonly parameters: Parameters
  /** how observations become numbers: `rowReader`, `setReader`, or a case's own */
  readonly reader: MethodReader<O>
}

/** What a method is made from that learns the density of rows of numbers. */
export interface RowOptions {
  readonly parameters: Parameters
  /** of the training simulations: `describeSimulations` */
  readonly statistics: SimulationStatistics
}
