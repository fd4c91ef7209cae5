import { defineCommand } from '../command.js'
import { choice, real, text, whole } from '../../pipelines/options.js'

export const dwarfsInfer = defineCommand({
  subject: 'dwarfs',
  verb: 'infer',
  description:
    'the dark matter of one galaxy from the velocities of its stars: posterior, rho(r), M(<r), V_max, J and D factors',
  positionals: ['<stars>'],
  options: {
    index: whole('--index <i>', 'which galaxy of a file of several', 0, { min: 0 }),
    method: choice('--method <name>', 'the trained network, or the Jeans analysis by MCMC', ['npe', 'jeans'], 'npe'),
    distance: real('--distance <kpc>', 'distance; taken before that of --galaxy'),
    galaxy: text('--galaxy <name>', 'a dwarf galaxy of the Local Volume Database: its distance, centre and motion'),
    n: whole('--n <count>', 'draws', 4000, { min: 100, max: 1_000_000 }),
    prior: text('--prior <file>', 'reweights the draws to a prior: JSON as {"gamma": {"uniform": [0, 1.5]}}'),
    angle: real('--angle <degrees>', 'half-angle of the cone of the J and D factors', 0.5),
    page: text('--page <file>', 'an html page with the pictures'),
  },
  async run(options, context, [stars]) {
    const { inferDwarf } = await import('../../pipelines/dwarfs/infer.js')
    await inferDwarf(stars, options, context)
  },
})
