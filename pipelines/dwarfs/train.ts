import { DataError } from '../../core/index.js'
import { priorNames } from '../../simulators/index.js'
import type { Learned, Learning, Stage } from '../case.js'
import { fileNames, madeBy, table } from '../learn/card.js'
import { learnObjects } from '../learn/learnObjects.js'
import type { EmbeddedMethod } from '../learn/methodNames.js'
import { splitBySimulation } from '../stream/index.js'
import { dwarfPairs } from './batches.js'
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
  const { members, information, facts } = await learnObjects({
    ...{ stage, data, split, key, method },
    pairs: (indices, own) => dwarfPairs({ key: own, indices, config, prior }),
  })
  const { region, stars } = await describeTraining({ config, data, method, key, threads, context }, whole, members[0])
  saveDwarfsModel(folder.file('model.safetensors'), { prior, region, stars, members })
  const galaxies = { training: split.training.length, validation: split.validation.length }
  const given = information?.map(x => x.toFixed(3)).join(', ')
  return {
    ...facts,
    lines: given === undefined ? [] : [`held-out galaxies are given ${given} nats beyond the prior`],
    json: { galaxies, stars, method: config.method, ...(information && { information }) },
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
