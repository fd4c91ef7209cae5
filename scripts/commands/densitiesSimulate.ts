import { defineCommand } from '../command.js'
import { text, whole } from '../../pipelines/options.js'

export const densitiesSimulate = defineCommand({
  subject: 'densities',
  verb: 'simulate',
  description: 'draw parameters and data of a standard task of simulation-based inference',
  requires: ['out'],
  options: {
    task: { ...text('--task <name>', 'two_moons, slcp, sir, …: a wrong name lists all ten', ''), required: true },
    n: whole('--n <count>', 'number of simulations', 10_000, { min: 1 }),
  },
  async run(options, context) {
    const { simulateDensities } = await import('../../pipelines/densities/simulate.js')
    await simulateDensities(options, context)
  },
})
