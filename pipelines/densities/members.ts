import type { Key } from '../../core/index.js'
import type { LossProgram } from '../../engine/index.js'
import { type Method, trainingPlan } from '../../generative/sbi/index.js'
import { heldOutMean, type RunContext, type RunFolder, type TrainedMember, trainMember } from '../run/index.js'
import { batchesAnEpoch, heldOutBatches, lossProgram, rowBatches } from './batches.js'
import type { DensitiesConfig } from './config.js'
import type { Simulations } from './ingest.js'

export interface MembersTask {
  readonly folder: Pick<RunFolder<unknown>, 'file' | 'resumed'>
  readonly config: DensitiesConfig
  readonly simulations: Pick<Simulations, 'training' | 'validation'>
  readonly method: Method
  readonly key: Key
  readonly threads: number
  readonly context: RunContext
}

/** Steps, and what goes into one; what the configuration leaves open the number of rows decides. */
export interface Plan {
  readonly batch: number
  readonly steps: number
  readonly validateEvery: number
}

/** Trains every network of a run, one after another, each from its last checkpoint. */
export async function trainMembers(
  task: MembersTask,
): Promise<{ readonly members: readonly TrainedMember[]; readonly plan: Plan }> {
  const { config, simulations, method, context } = task
  const { train, data } = config
  const { training, validation } = simulations
  const plan = planOf(task)
  const parameters = validation.z.length / validation.rows
  const members: TrainedMember[] = []
  for (let member = 0; member < train.members; member++) {
    const key = task.key.split('member').split(member)
    const heldOut = heldOutBatches(validation, method, key.split('held out'))
    const batches = {
      key: key.split('batches'),
      batch: plan.batch,
      window: data.memory * 2 ** 20,
      method,
      parameters,
    }
    const { steps, validateEvery } = plan
    const settings = { ...train, steps, validateEvery, warmup: Math.min(200, Math.ceil(steps / 20)) }
    const trained = await trainMember(
      {
        folder: task.folder,
        train: settings,
        context,
        loss: lossProgram(method) as LossProgram,
        init: () => method.init(key.split('init')),
        begin: { epoch: 0, batch: 0 },
        batches: from => rowBatches(training, batches, from),
        validate: trainer => heldOutMean(trainer, heldOut),
      },
      member,
    )
    members.push(trained)
  }
  return { members, plan }
}

/** At the defaults that the method's own training has, so that both come out alike. */
function planOf({ config: { train, data }, simulations: { training } }: MembersTask): Plan {
  const { batch } = trainingPlan(Math.round(training.count / 0.9), train)
  const rows = Math.min(batch, training.count)
  const perEpoch = batchesAnEpoch(training, rows, data.memory * 2 ** 20)
  const epochs = train.epochs ?? Math.max(60, Math.min(400, Math.round(8000 / perEpoch)))
  const steps = perEpoch * epochs
  return { batch: rows, steps, validateEvery: Math.max(perEpoch, Math.ceil(steps / 200)) }
}
