import { defineCommand } from '../command.js'
import { choice, texts, whole } from '../../pipelines/options.js'

const methods = ['npe', 'hmc', 'nuts', 'ensemble', 'nested', 'vi'] as const

export const galaxiesInfer = defineCommand({
  subject: 'galaxies',
  verb: 'infer',
  description: 'the posterior of the cosmological parameters given one field of halos',
  options: {
    data: texts('--data <files...>', 'simulated or observed fields', true),
    index: whole('--index <number>', 'which of its fields', 0, { min: 0 }),
    method: choice('--method <name>', 'how', methods, 'npe'),
    beside: choice(
      '--beside <name>',
      'another way, by the model that ships, drawn beside the first on the page',
      methods,
    ),
    n: whole('--n <count>', 'draws', 4000, { min: 40 }),
  },
  async run(options, context) {
    const { inferField } = await import('../../pipelines/galaxies/inference/infer.js')
    await inferField(options, context)
  },
})
