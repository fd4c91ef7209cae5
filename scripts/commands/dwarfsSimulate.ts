import { defineCommand } from '../command.js'
import { flag, real, text, texts, whole } from '../../pipelines/options.js'

export const dwarfsSimulate = defineCommand({
  subject: 'dwarfs',
  verb: 'simulate',
  description: 'draw dwarf galaxies from the prior: stars on the sky and their velocities',
  requires: ['out'],
  options: {
    n: whole('--n <count>', 'number of galaxies', 1000, { min: 1 }),
    stars: text(
      '--stars <count>',
      'stars a galaxy: 100 is Poisson about 100 (at least 10), 20:2000 uniform in the logarithm',
      '100',
    ),
    starsExact: flag('--stars-exact', 'exactly --stars in every galaxy'),
    errors: text(
      '--errors <km/s>',
      'velocity errors: none, one for all stars, LOW:HIGH for the median of a galaxy, or mixed',
      'mixed',
    ),
    binaries: real('--binaries <share>', 'share of stars with an unseen companion', 0, { min: 0, max: 1 }),
    contaminants: real(
      '--contaminants <share>',
      'share of foreground stars; adds membership probabilities; two stars stay members',
      0,
      {
        min: 0,
        max: 0.99,
      },
    ),
    prior: texts('--prior <name=low,high>', 'another interval of the prior, as gamma=0,1.5; may be repeated'),
    dfClip: flag(
      '--df-clip',
      'set negative distribution functions to zero, beta_0 up to 0.5: for comparison with others only',
    ),
  },
  async run(options, context) {
    const { simulateDwarfs } = await import('../../pipelines/dwarfs/simulate.js')
    await simulateDwarfs(options, context)
  },
})
