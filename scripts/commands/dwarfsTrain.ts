import { defineCommand } from '../command.js'
import { texts } from '../../pipelines/options.js'

export const dwarfsTrain = defineCommand({
  subject: 'dwarfs',
  verb: 'train',
  description: 'learn the posterior of the dark matter from simulated galaxies',
  requires: ['out'],
  options: {
    data: texts('--data <files...>', 'simulated galaxies: .h5 of dwarfs simulate, or of JeansGNN', true),
  },
  async run(options, context) {
    const { trainDwarfs } = await import('../../pipelines/dwarfs/train.js')
    await trainDwarfs(options, context)
  },
})
