import type { Parameters } from '../../core/index.js'
import {
  type Method,
  makeMethod,
  makeRowMethod,
  type Row,
  type SimulationStatistics,
  setReader,
} from '../../generative/sbi/index.js'
import { embeddings, makeEmbedding } from '../../gnn/embeddings/index.js'
import type { DensitiesConfig } from './config.js'
import type { ObservationForm } from './form.js'

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
