import { defineCommand } from '../command.js'
import { choice, text, texts, whole } from '../../pipelines/options.js'

export const densitiesTrain = defineCommand({
  subject: 'densities',
  verb: 'train',
  description: 'learn p(theta|x) from a table of simulations, or from a simulator that is run',
  requires: ['out'],
  options: {
    data: texts(
      '--data <files...>',
      'tables of simulations: theta and x in .h5 or .arrow, theta_NAME and x_NAME in .csv',
    ),
    method: choice('--method <name>', 'what is learned', ['npe', 'nle', 'nre', 'fmpe', 'npse']),
    prior: text('--prior <file>', 'JSON as {"mass": {"uniform": [0, 2]}, "slope": {"normal": [1, 0.5]}}'),
    rounds: whole('--rounds <count>', 'rounds of simulations, each where the last posterior lies', 1, {
      min: 1,
      max: 100,
    }),
    command: text(
      '--command <simulator>',
      'a program: a JSON line of parameters on stdin gives a JSON line of data on stdout',
    ),
    observation: text('--observation <file>', 'what the rounds look at: a csv with x_NAME'),
    simulations: whole('--simulations <count>', 'simulations a round, with --command', 1000, { min: 2 }),
  },
  async run(options, context) {
    const { trainDensities } = await import('../../pipelines/densities/train.js')
    await trainDensities(options, context)
  },
})
