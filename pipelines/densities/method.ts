import type { Parameters } from '../../core/index.js'
import {
  describeSimulations,
  type Method,
  makeMethod,
  makeRowMethod,
  type Row,
  type SimulationStatistics,
  type SimulationTable,
  setReader,
  setStatistics,
} from '../../generative/sbi/index.js'
import { embeddings, makeEmbedding } from '../../gnn/embeddings/index.js'
import type { DensitiesConfig } from './config.js'
import type { ObservationForm } from './form.js'

/**
 * Statistics of the training simulations: of a vector's columns, or of the channels of all points of sets.
 *
 * @param elements of a vector: how many independent draws of one law it is
 */
export function statisticsOf(sample: SimulationTable, form: ObservationForm, elements: number): SimulationStatistics {
  return form.kind === 'vector'
    ? describeSimulations(sample, elements)
    : setStatistics(sample.x, sample.z.length / sample.rows, form)
}

/** The method that a configuration asks for. @throws UsageError where the method cannot learn sets */
export function methodOf(
  { method, network, embedding }: DensitiesConfig,
  parameters: Parameters,
  statistics: SimulationStatistics,
  form: ObservationForm,
): Method<Row> {
  if (form.kind === 'vector') return makeRowMethod(method, { parameters, statistics, ...network })
  const embed = makeEmbedding({ ...embedding, features: form.features, conditions: 1 })
  return makeMethod(method, { parameters, reader: setReader(form, statistics, embed), ...network })
}

/** Neighbours that every point must bring for the embedding, 0 for none. */
export function neighboursOf({ embedding }: DensitiesConfig): number {
  return embeddings[embedding.kind].needsNeighbours ? embedding.neighbours : 0
}
