import { DataError } from '../../core/index.js'
import type { Dwarf } from '../../io/dwarfs/index.js'
import { priorNames } from '../../simulators/index.js'
import type { Learned, Learning, Stage } from '../case.js'
import { fileNames, madeBy, table } from '../learn/card.js'
import { trainMembers } from '../learn/members.js'
import type { EmbeddedMethod } from '../learn/methodNames.js'
import { ensembleFacts, informationBeyondPrior } from '../learn/trainingFacts.js'
import { splitBySimulation } from '../stream/index.js'
import { type BatchPosition, dwarfPairs, heldOutDwarfs } from './batches.js'
import { type DwarfsConfig, dwarfsConfig, dwarfsPresets } from './config.js'
import { describeTraining } from './describeTraining.js'
import { dwarfMethod, saveDwarfsModel } from './model.js'
import { parametersUnder } from './parameters.js'
import { openTrainingData, type TrainingData } from './trainingData.js'

/**
 * `stipple dwarfs train`: embedding and flow together, to the largest log-density of the true parameters of simulated
 * galaxies (or another method's loss).
 */
export async function planTraining({ method }: { readonly method?: EmbeddedMethod }): Promise<Learning<DwarfsConfig>> {
  return {
    schema: dwarfsConfig,
    presets: dwarfsPresets,
    set: method === undefined ? [] : [`method=${method}`],
    async learn(stage) {
      const data = await openTrainingData(stage.data, stage.context.signal)
      try {
        return await learnFrom(data, stage)
      } finally {
        data.close()
      }
    },
  }
}

async function learnFrom(data: TrainingData, stage: Stage<DwarfsConfig>): Promise<Learned> {
  const { folder, config, threads, context } = stage
  const { prior } = data
  if (data.count < 2) {
    throw new DataError('expected at least 2 galaxies', `got ${data.count}`, 'simulate more: stipple dwarfs simulate')
  }
  const key = context.key.split('dwarfs')
  const whole = splitBySimulation(key, data.count, Math.max(config.data.validation, 1e-9))
  // Evenly out of all files, for each has its own kind of galaxies.
  const every = Math.max(1, Math.ceil(whole.validation.length / config.data.validationMost))
  const split = { ...whole, validation: whole.validation.filter((_, i) => i % every === 0) }
  const method = dwarfMethod(config, parametersUnder(prior))
  const heldOut = await heldOutDwarfs({
    ...{ data, indices: split.validation, config, prior, key },
    signal: context.signal,
  })
  const members = await trainMembers<Dwarf, BatchPosition>({
    folder,
    settings: config.train,
    // Two threads with half a batch each: as fast as one session of both, and the same bytes again.
    workers: threads > 1 ? 2 : 1,
    context,
    member(index) {
      const own = key.split('member').split(index)
      const options = { key: own.split('batches'), indices: split.training, config, prior }
      return {
        method,
        init: own.split('network'),
        begin: { epoch: 0, batch: 0 },
        pairs: from => dwarfPairs(data, options, from),
        heldOut,
      }
    },
  })
  const vectors = members.map(({ params }) => params)
  const { region, stars } = await describeTraining({ config, data, method, key, threads, context }, whole, vectors[0])
  saveDwarfsModel(folder.file('model.safetensors'), { prior, region, stars, members: vectors })
  const information = members.map(member => informationBeyondPrior(member, heldOut))
  const galaxies = { training: split.training.length, validation: split.validation.length }
  const facts = ensembleFacts(members)
  const given = config.method === 'npe' ? information.map(x => x.toFixed(3)).join(', ') : undefined
  return {
    ...facts,
    lines: given === undefined ? [] : [`held-out galaxies are given ${given} nats beyond the prior`],
    json: { galaxies, stars, method: config.method, ...(config.method === 'npe' && { information }) },
    card: {
      title: 'dark matter of dwarf galaxies from the velocities of their stars',
      parts: [
        madeLines(stage, galaxies, facts.steps),
        given === undefined ? '' : `Held-out galaxies are given ${given} nats beyond the prior.`,
        [
          `Range of validity: ${stars[0]} to ${stars[1]} stars, and the prior of the simulations (uniform in these`,
          'coordinates, where the distribution function is nowhere negative):',
        ],
        table(
          ['coordinate', 'least', 'most'],
          priorNames.map(name => [name, ...prior[name]]),
        ),
        [
          'Spherical galaxies in equilibrium, one tracer population; no binaries unless the simulations had them. Data',
          'unlike those of the training are flagged by `dwarfs infer`; what the model says of them is not to be trusted.',
        ],
      ],
    },
  }
}

function madeLines(
  { config, data, seed, threads, seconds }: Stage<DwarfsConfig>,
  galaxies: Readonly<Record<'training' | 'validation', number>>,
  steps: number,
): string[] {
  const { method, embedding, flow, augment, train } = config
  return [
    `${madeBy({ seed, from: fileNames(data) })}: ${galaxies.training} training and`,
    `${galaxies.validation} validation galaxies. ${train.members} network(s) by ${method}: embedding ${embedding.kind}`,
    `(${embedding.layers} layers of ${embedding.width}, ${embedding.outputs} outputs), flow ${flow.kind}`,
    `(${flow.layers} layers of ${flow.width}); ${steps} steps in ${(seconds() / 60).toFixed(1)} min on ${threads} threads,`,
    `ended by validation. Galaxies were thinned with probability ${augment.thin} (to ${augment.starsLeast} stars at`,
    `least) and given more noise with probability ${augment.noise}.`,
  ]
}
