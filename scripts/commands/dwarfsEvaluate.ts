import { defineCommand } from '../command.js'
import { choice, texts, whole } from '../../pipelines/options.js'

export const dwarfsEvaluate = defineCommand({
  subject: 'dwarfs',
  verb: 'evaluate',
  description:
    'judge posteriors of simulated galaxies: coverage, ranks (SBC), TARP, errors and log-scores of each parameter',
  options: {
    data: texts('--data <files...>', 'simulated galaxies that the model has not seen', true),
    method: choice('--method <name>', 'the trained network, or the Jeans analysis by MCMC', ['npe', 'jeans'], 'npe'),
    galaxies: whole('--galaxies <count>', 'at most so many, the first ones; 0 for all', 0, { min: 0 }),
    n: whole('--n <count>', 'draws a galaxy', 500, { min: 100 }),
  },
  async run(options, context) {
    const { evaluateDwarfs } = await import('../../pipelines/dwarfs/evaluate.js')
    await evaluateDwarfs(options, context)
  },
})
