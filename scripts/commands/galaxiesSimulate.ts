import { defineCommand } from '../command.js'
import { real, text, whole } from '../../pipelines/options.js'

export const galaxiesSimulate = defineCommand({
  subject: 'galaxies',
  verb: 'simulate',
  description: 'draw halo fields at the cosmologies of a design',
  requires: ['out'],
  options: {
    n: whole('--n <count>', 'number of fields', 64, { min: 1 }),
    design: text('--design <name>', 'quijote, sobol, or a csv file with named columns', 'quijote'),
    omegaM: real('--omega-m <value>', 'matter density; with --sigma-8, one cosmology for all fields'),
    sigma8: real('--sigma-8 <value>', 'amplitude of fluctuations in spheres of 8 Mpc/h'),
    omegaB: real('--omega-b <value>', 'baryon density, with --omega-m; fiducial where not named'),
    h: real('--h <value>', 'Hubble constant over 100 km/s/Mpc, likewise'),
    nS: real('--n-s <value>', 'slope of the primordial spectrum, likewise'),
    points: whole('--points <count>', 'halos a field, the heaviest', 5000, { min: 2 }),
    box: real('--box <length>', 'side of the periodic box in Mpc/h', 1000, { min: Number.MIN_VALUE }),
    grid: whole('--grid <cells>', 'cells along each side of the initial conditions, even, 16 to 512', 128, { min: 16 }),
  },
  async run(options, context) {
    const { simulateGalaxies } = await import('../../pipelines/galaxies/simulate.js')
    await simulateGalaxies(options, context)
  },
})
