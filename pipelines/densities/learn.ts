import type { Key, Parameters } from '../../core/index.js'
import {
  describeSimulations,
  type Method,
  type Row,
  type SimulationStatistics,
  type SimulationTable,
  setStatistics,
  trainingPlan,
} from '../../generative/sbi/index.js'
import { type TrainedMember, trainMembers } from '../learn/members.js'
import type { RunContext, RunFolder } from '../run/index.js'
import { batchesAnEpoch, heldOutRows, type RowPosition, rowPairs } from './batches.js'
import type { DensitiesConfig } from './config.js'
import type { ObservationForm } from './form.js'
import type { Simulations } from './ingest.js'
import { methodOf } from './method.js'

export interface LearnTask {
  readonly folder: Pick<RunFolder<unknown>, 'file' | 'resumed'>
  readonly config: DensitiesConfig
  readonly parameters: Parameters
  readonly simulations: Pick<Simulations, 'training' | 'validation' | 'sample' | 'form'>
  readonly key: Key
  readonly context: RunContext
}

/** What was learned of some simulations. */
export interface LearnedRows {
  readonly method: Method<Row>
  readonly statistics: SimulationStatistics
  readonly members: readonly TrainedMember[]
  readonly plan: Plan
}

/** Steps, and what goes into one; what the configuration leaves open the number of rows decides. */
export interface Plan {
  readonly batch: number
  readonly steps: number
  readonly validateEvery: number
}

/** Trains every network of a run, one after another, each from its last checkpoint. */
export async function learnRows({
  folder,
  config,
  parameters,
  simulations,
  key,
  context,
}: LearnTask): Promise<LearnedRows> {
  const { train, data } = config
  const { training, validation, sample, form } = simulations
  const statistics = statisticsOf(sample, form, data.elements)
  const method = methodOf(config, parameters, statistics, form)
  const plan = planOf(config, training)
  const { steps, validateEvery } = plan
  const members = await trainMembers<Row, RowPosition>({
    folder,
    settings: { ...train, steps, validateEvery, warmup: Math.min(200, Math.ceil(steps / 20)) },
    context,
    member(index) {
      const own = key.split('member').split(index)
      const options = {
        key: own.split('batches'),
        batch: plan.batch,
        window: data.memory * 2 ** 20,
        parameters: parameters.names.length,
      }
      return {
        method,
        init: own.split('init'),
        begin: { epoch: 0, batch: 0 },
        pairs: from => rowPairs(training, options, from),
        heldOut: heldOutRows(validation, own.split('held out')),
      }
    },
  })
  return { method, statistics, members, plan }
}

/** At the defaults that the method's own training has, so that both come out alike. */
function planOf({ train, data }: DensitiesConfig, training: Simulations['training']): Plan {
  const { batch } = trainingPlan(Math.round(training.count / 0.9), train)
  const rows = Math.min(batch, training.count)
  const perEpoch = batchesAnEpoch(training, rows, data.memory * 2 ** 20)
  const epochs = train.epochs ?? Math.max(60, Math.min(400, Math.round(8000 / perEpoch)))
  const steps = perEpoch * epochs
  return { batch: rows, steps, validateEvery: Math.max(perEpoch, Math.ceil(steps / 200)) }
}

/**
 * Statistics of the training simulations: of a vector's columns, or of the channels of all points of sets.
 *
 * @param elements of a vector: how many independent draws of one law it is
 */
function statisticsOf(sample: SimulationTable, form: ObservationForm, elements: number): SimulationStatistics {
  return form.kind === 'vector'
    ? describeSimulations(sample, elements)
    : setStatistics(sample.x, sample.z.length / sample.rows, form)
}
