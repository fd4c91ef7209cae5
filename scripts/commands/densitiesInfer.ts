import { defineCommand } from '../command.js'
import { text, whole } from '../../pipelines/options.js'

export const densitiesInfer = defineCommand({
  subject: 'densities',
  verb: 'infer',
  description: 'draws of theta given one observation, by a trained run',
  requires: ['run'],
  options: {
    observation: {
      ...text('--observation <file>', 'a csv with x_NAME, or plain numbers in the order of the training'),
      required: true,
    },
    n: whole('--n <count>', 'draws', 10_000, { min: 100, max: 10_000_000 }),
    command: text('--command <simulator>', 'simulates the draws anew, for the posterior predictive check'),
    page: text('--page <file>', 'an html page with the pictures'),
  },
  async run(options, context) {
    const { inferDensities } = await import('../../pipelines/densities/infer.js')
    await inferDensities({ ...options, observation: options.observation ?? '' }, context)
  },
})
