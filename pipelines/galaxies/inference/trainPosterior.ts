import type { Tensor } from '@tensorflow/tfjs'
import { type ArrayValue, DataError, permutation, type Tree, UsageError } from '../../../core/index.js'
import { requireDevice, type Trainer } from '../../../engine/index.js'
import {
  finalLoss,
  inTrainingFolder,
  peakMemory,
  type RunContext,
  type RunFolder,
  secondsSince,
  type TrainedMember,
  trainMember,
} from '../../run/index.js'
import { splitBySimulation } from '../../stream/index.js'
import type { TrainOptions } from '../options.js'
import { seenPoints } from './fieldView.js'
import { type PosteriorConfig, posteriorConfig, posteriorPresets } from './posteriorConfig.js'
import { saveFieldPosterior } from './posteriorModel.js'
import {
  type FieldPosteriorNetwork,
  makePosteriorNetwork,
  type ThetaBox,
  type ViewTensors,
} from './posteriorNetwork.js'
import { batchOfViews, measureScale, type ViewedFields, type ViewScale, viewedFields } from './viewedFields.js'
import { writePosteriorCard } from './writePosteriorCard.js'

type PosteriorBatch<T> = ViewTensors<T> & {
  /** `[batch, parameters]` */
  readonly target: T
}

/**
 * `stipple galaxies train --objective npe`: p(theta | field) from simulated (or drawn) fields, by neural posterior
 * estimation. Views are made once and kept in memory; each member holds out other fields. Killed anywhere, `--resume`
 * ends in the same bytes.
 */
export async function trainFieldPosterior(options: TrainOptions, context: RunContext): Promise<void> {
  const began = performance.now()
  await requireDevice(options.device)
  if (options.network !== undefined)
    throw new UsageError('expected no --network with --objective npe', `got ${options.network}`, 'leave it away')
  const kind = { subject: 'galaxies-posterior', schema: posteriorConfig, presets: posteriorPresets }
  await inTrainingFolder(kind, options, options.set, context, folder => trainIn(folder, options, context, began))
}

async function trainIn(
  folder: RunFolder<PosteriorConfig>,
  options: TrainOptions,
  context: RunContext,
  began: number,
): Promise<void> {
  const { config } = folder
  const key = context.key.split('galaxies posterior')
  const fields = await viewedFields(options.data, key, options.threads, context)
  const count = fields.views.length
  if (count < 8) throw new DataError('expected at least 8 fields', `got ${count}`, 'give more')
  const box = boxOf(fields)
  const network = makePosteriorNetwork(config, box)
  const members: TrainedMember[] = []
  const scales: ViewScale[] = []
  for (let member = 0; member < config.train.members; member++) {
    const own = key.split('member').split(member)
    const { training, validation } = splitBySimulation(own, count, config.data.validation)
    const scale = measureScale(Array.from(training, i => fields.views[i]))
    const batch = (indices: readonly number[], rows?: (row: number) => Int32Array): PosteriorBatch<ArrayValue> => ({
      ...batchOfViews(
        indices.map(i => fields.views[i]),
        scale,
        rows,
      ),
      target: {
        shape: [indices.length, fields.names.length],
        values: Float32Array.from(indices.flatMap(i => fields.theta[i])),
      },
    })
    const held = batch(Array.from(validation))
    members.push(
      await trainMember(
        {
          folder,
          train: config.train,
          context,
          workers: options.threads > 1 ? 2 : 1,
          loss: lossOf(network),
          init: () => network.init(own.split('network')),
          // not `step`, which is a checkpoint's own
          begin: { taken: 0 },
          batches: from =>
            async function* () {
              for (let step = from.taken; ; step++) {
                const drawn = own.split('batch').split(step)
                // fields in an order drawn anew each time through
                const perEpoch = Math.max(1, Math.floor(training.length / config.train.batch))
                const order = permutation(own.split('epoch').split(Math.floor(step / perEpoch)), training.length)
                const first = (step % perEpoch) * config.train.batch
                const rows = Array.from(
                  { length: config.train.batch },
                  (_, i) => training[order[(first + i) % order.length]],
                )
                const points = (row: number) =>
                  permutation(drawn.split(row), seenPoints).subarray(0, config.train.points)
                yield { tensors: batch(rows, points), next: { taken: step + 1 } }
              }
            },
          validate: async (trainer: Trainer) => -(await trainer.measure(held)).loss.values[0],
        },
        member,
      ),
    )
    scales.push(scale)
  }
  saveFieldPosterior(
    folder.file('model.safetensors'),
    box,
    members.map(({ params }) => params),
    scales,
  )
  const volume = Object.values(box).reduce((sum, [low, high]) => sum + Math.log(high - low), 0)
  const result = {
    run: folder.path,
    steps: members.reduce((sum, { steps }) => sum + steps, 0),
    loss: await finalLoss(folder.file('metrics.jsonl')),
    steps_per_second: members[members.length - 1].stepsPerSecond,
    data_wait_fraction: members[members.length - 1].dataWaitFraction,
    peak_rss_mb: peakMemory(),
    seconds: secondsSince(began),
    fields: count,
    information: members.map(({ validation }) => validation + volume),
  }
  writePosteriorCard(folder.file('model-card.md'), options, config, box, result)
  const told = result.information.map(x => x.toFixed(2)).join(', ')
  context.print(`held-out fields are told ${told} nats beyond the prior; the posterior is in ${folder.path}`)
  context.json(result)
}

/** Minus the mean log q(theta | field), nats in theta's own units. */
function lossOf(network: FieldPosteriorNetwork) {
  return (params: Tree<Tensor>, { target, ...view }: PosteriorBatch<Tensor>) => ({
    loss: network.logProb(params, view, target).mean().neg(),
  })
}

/**
 * The range of each parameter among the fields, widened by a mean spacing: what n uniform draws fall short of at each
 * end.
 */
function boxOf({ theta, names }: ViewedFields): ThetaBox {
  return Object.fromEntries(
    names.map((name, p) => {
      const values = theta.map(row => row[p])
      const [least, most] = [Math.min(...values), Math.max(...values)]
      if (!(most > least))
        throw new DataError(
          `expected fields that differ in ${name}`,
          `got ${least} in all`,
          'give fields of a design over theta',
        )
      const spacing = (most - least) / (values.length - 1)
      return [name, [least - spacing, most + spacing]]
    }),
  )
}
