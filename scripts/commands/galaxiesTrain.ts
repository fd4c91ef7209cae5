import { defineCommand } from '../command.js'
import { choice, texts } from '../../pipelines/options.js'

export const galaxiesTrain = defineCommand({
  subject: 'galaxies',
  verb: 'train',
  description:
    'fit a model of p(halos | cosmology), or with --objective npe of p(cosmology | halos), to simulated fields',
  requires: ['out'],
  options: {
    data: texts('--data <files...>', 'halo fields: .h5, halos.npy, or a Quijote folder', true),
    network: choice('--network <name>', 'the network', ['transformer', 'gnn', 'egnn']),
    objective: choice('--objective <name>', 'what is learned', ['vdm', 'eps', 'x', 'v', 'flow-matching', 'npe']),
  },
  async run(options, context) {
    const { objective, ...rest } = options
    if (objective === 'npe') {
      const { trainFieldPosterior } = await import('../../pipelines/galaxies/inference/trainPosterior.js')
      return trainFieldPosterior(rest, context)
    }
    const { trainGalaxies } = await import('../../pipelines/galaxies/train.js')
    await trainGalaxies({ ...rest, objective }, context)
  },
})
