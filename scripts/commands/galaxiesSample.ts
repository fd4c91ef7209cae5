import { defineCommand } from '../command.js'
import { choice, flag, real, whole } from '../../pipelines/options.js'

export const galaxiesSample = defineCommand({
  subject: 'galaxies',
  verb: 'sample',
  description:
    'draw halo fields at a cosmology; parameters not named are drawn from the prior of the design, one draw a field',
  requires: ['out'],
  options: {
    omegaM: real('--omega-m <value>', 'matter density'),
    sigma8: real('--sigma-8 <value>', 'amplitude of fluctuations in spheres of 8 Mpc/h'),
    omegaB: real('--omega-b <value>', 'baryon density'),
    h: real('--h <value>', 'Hubble constant over 100 km/s/Mpc'),
    nS: real('--n-s <value>', 'slope of the primordial spectrum'),
    fiducialRest: flag('--fiducial-rest', 'hold parameters that are not named at the fiducial cosmology'),
    n: whole('--n <count>', 'number of fields', 4, { min: 1 }),
    box: real('--box <length>', 'side of the periodic box in Mpc/h; by default that of the training fields'),
    points: {
      ...whole(
        '--points <count>',
        "halos a field, the heaviest; by default the training fields' number density times the volume",
        0,
        { min: 2 },
      ),
      fallback: undefined as number | undefined,
    },
    logMassMin: real(
      '--log-mass-min <mass>',
      'log10 Msun/h: all halos above this mass instead of a number of them, which varies from field to field',
    ),
    steps: whole('--steps <count>', 'evaluations of the model, at most', 32, { min: 1 }),
    sampler: choice(
      '--sampler <name>',
      "the sampler; by default the model's own ladder where it has one of at most --steps rungs, else heun-sde",
      ['ladder', 'ancestral', 'ddim', 'dpmpp-2m', 'heun', 'heun-sde', 'ode'],
    ),
  },
  async run(options, context) {
    const { sampleGalaxies } = await import('../../pipelines/galaxies/sample.js')
    await sampleGalaxies(options, context)
  },
})
