import { DataError, type Key, permutation, UsageError } from '../../../core/index.js'
import { galaxyParameters } from '../../../simulators/index.js'
import type { Learned, Learning, Stage } from '../../case.js'
import { fileNames, madeBy, table } from '../../learn/card.js'
import { type HeldOut, type MemberTask, type Pairs, trainMembers } from '../../learn/members.js'
import type { EmbeddedMethod } from '../../learn/methodNames.js'
import { ensembleFacts, informationBeyondPrior } from '../../learn/trainingFacts.js'
import { type Source, splitBySimulation } from '../../stream/index.js'
import { type PosteriorConfig, posteriorConfig, posteriorPresets } from './config.js'
import { type FieldView, seenPoints } from './fieldView.js'
import { type Box, fieldMethod, saveFieldPosterior } from './model.js'
import { measureScale, type ViewScale } from './reader.js'
import { type ViewedFields, viewedFields } from './viewedFields.js'

/**
 * `stipple galaxies train --objective npe`: p(theta | field) from simulated (or drawn) fields, by neural posterior
 * estimation or another method. Views are made once and kept in memory; each member holds out other fields.
 */
export function planPosterior(method: EmbeddedMethod, network?: string): Learning<PosteriorConfig> {
  if (network !== undefined)
    throw new UsageError(`expected no --network with --objective ${method}`, `got ${network}`, 'omit it')
  return {
    subject: 'galaxies-posterior',
    schema: posteriorConfig,
    presets: posteriorPresets,
    set: [`method=${method}`],
    learn,
  }
}

/** Batches taken; not `step`, which is a checkpoint's own. */
type Taken = { readonly taken: number }

async function learn(stage: Stage<PosteriorConfig>): Promise<Learned> {
  const { folder, config, threads, context } = stage
  const key = context.key.split('galaxies posterior')
  const fields = await viewedFields(stage.data, key, threads, context)
  const count = fields.views.length
  if (count < 8) throw new DataError('expected at least 8 fields', `got ${count}`, 'give more')
  const box = boxOf(fields)
  const tasks = Array.from({ length: config.train.members }, (_, member) =>
    memberOf(fields, config, box, key.split('member').split(member)),
  )
  const members = await trainMembers<FieldView, Taken>({
    folder,
    settings: config.train,
    workers: threads > 1 ? 2 : 1,
    context,
    member: index => tasks[index],
  })
  const vectors = members.map(({ params }) => params)
  const scales = tasks.map(({ scale }) => scale)
  saveFieldPosterior(folder.file('model.safetensors'), { box, members: vectors, scales })
  const information = members.map((member, i) => informationBeyondPrior(member, tasks[i].heldOut))
  const given = config.method === 'npe' ? information.map(x => x.toFixed(2)).join(', ') : undefined
  const facts = ensembleFacts(members)
  return {
    ...facts,
    lines: given === undefined ? [] : [`held-out fields are given ${given} nats beyond the prior`],
    json: { fields: count, method: config.method, ...(config.method === 'npe' && { information }) },
    card: {
      title: 'cosmological parameters from one field of halos',
      parts: [
        madeLines(stage, count, facts.steps),
        given === undefined ? '' : `Held-out fields are given ${given} nats beyond the prior.`,
        'The prior is uniform:',
        table(
          ['parameter', 'least', 'most'],
          Object.entries(box).map(([name, [low, high]]) => [name, low.toPrecision(4), high.toPrecision(4)]),
        ),
        [
          'Halos with masses and velocities, the heaviest of a periodic box, as in the fields trained on: other number',
          'densities, boxes or halo finders are outside.',
        ],
      ],
    },
  }
}

function madeLines(
  { config: { method, embedding, flow, train }, data, seed, threads, seconds }: Stage<PosteriorConfig>,
  fields: number,
  steps: number,
): string[] {
  return [
    `${madeBy({ seed, from: `${fields} fields (${fileNames(data)})` })}. ${train.members} networks by ${method}, each with`,
    `held-out fields of its own: neighbourhoods of ${train.points} halos a step (deep sets of ${embedding.layers} layers of`,
    `${embedding.width}, ${embedding.outputs} outputs, beside statistics of the whole field), flow ${flow.kind}`,
    `(${flow.layers} layers of ${flow.width}); ${steps} steps in all, ${(seconds() / 60).toFixed(1)} min on ${threads} threads,`,
    'each ended by validation.',
  ]
}

interface FieldMember extends MemberTask<FieldView, Taken> {
  readonly scale: ViewScale
}

/** One network with training and validation fields of its own. */
function memberOf(fields: ViewedFields, config: PosteriorConfig, box: Box, own: Key): FieldMember {
  const { views, theta } = fields
  const parameters = galaxyParameters(box)
  const { training, validation } = splitBySimulation(own, views.length, config.data.validation)
  const scale = measureScale(Array.from(training, i => views[i]))
  const pairsOf = (indices: readonly number[]) => ({
    z: Float32Array.from(parameters.prior.toNormal(Float64Array.from(indices.flatMap(i => theta[i])))),
    objects: indices.map(i => views[i]),
  })
  const held = { ...pairsOf(Array.from(validation)), key: own.split('held out'), count: validation.length }
  return {
    scale,
    method: fieldMethod(config, parameters, scale),
    init: own.split('network'),
    begin: { taken: 0 },
    heldOut: [held] satisfies HeldOut<FieldView>[],
    pairs: from => batches(training, config.train, pairsOf, own, from),
  }
}

/** Fields in an order drawn anew each time through, each by points chosen anew each time. */
function batches(
  training: Int32Array,
  { batch, points }: PosteriorConfig['train'],
  pairsOf: (indices: readonly number[]) => { readonly z: Float32Array; readonly objects: readonly FieldView[] },
  own: Key,
  from: Taken,
): Source<Pairs<FieldView, Taken>> {
  return async function* () {
    const perEpoch = Math.max(1, Math.floor(training.length / batch))
    for (let step = from.taken; ; step++) {
      const drawn = own.split('batch').split(step)
      const order = permutation(own.split('epoch').split(Math.floor(step / perEpoch)), training.length)
      const first = (step % perEpoch) * batch
      const { z, objects } = pairsOf(
        Array.from({ length: batch }, (_, i) => training[order[(first + i) % order.length]]),
      )
      yield {
        z,
        objects: objects.map((view, row) => ({
          ...view,
          rows: permutation(drawn.split(row), seenPoints).subarray(0, points),
        })),
        key: drawn.split('noise'),
        next: { taken: step + 1 },
      }
    }
  }
}

/**
 * The range of each parameter among the fields, widened by a mean spacing: what n uniform draws fall short of at each
 * end.
 */
function boxOf({ theta, names }: ViewedFields): Box {
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
