import { objectiveNames } from '../../generative/diffusion/objectives.js'
import { likelihoodMethods } from '../../generative/posterior/samplerNames.js'
import { networkKinds } from '../../gnn/networks/networks.js'
import { type Case, caseVerb } from '../case.js'
import { embeddedMethods } from '../learn/methodNames.js'
import { choice, flag, type OptionSpec, real, text, texts, whole } from '../options.js'
import { drawSamplers } from './sampler.js'

const methods = [...embeddedMethods, ...likelihoodMethods]

const cosmology = (rest: string) => ({
  omegaM: real('--omega-m <value>', 'matter density'),
  sigma8: real('--sigma-8 <value>', 'amplitude of fluctuations in spheres of 8 Mpc/h'),
  omegaB: real('--omega-b <value>', `baryon density${rest}`),
  h: real('--h <value>', `Hubble constant over 100 km/s/Mpc${rest}`),
  nS: real('--n-s <value>', `slope of the primordial spectrum${rest}`),
})

/** Absent where it is not given: with --samples nothing is drawn, and what says how is refused. */
function drawing(spec: OptionSpec<number>): OptionSpec<number | undefined> {
  return { ...spec, description: `${spec.description}, ${spec.fallback} where not given`, fallback: undefined }
}

/** Fields of halos and galaxies, conditional on cosmology, and the cosmology given one field. */
export const galaxies: Case = {
  name: 'galaxies',
  description: 'fields of halos and galaxies, conditional on cosmology',
  kinds: async () => [(await import('../../io/galaxies/fields.js')).fields],
  simulate: caseVerb({
    description: 'draw halo fields at the cosmologies of a design',
    requires: ['out'],
    options: {
      n: whole('--n <count>', 'number of fields', 64, { min: 1 }),
      design: text('--design <name>', 'quijote, sobol, or a csv file with named columns', 'quijote'),
      ...cosmology('; with --omega-m and --sigma-8, which are one cosmology for all fields; fiducial where not named'),
      points: whole('--points <count>', 'halos a field, the heaviest', 5000, { min: 2 }),
      box: real('--box <length>', 'side of the periodic box in Mpc/h', 1000, { min: Number.MIN_VALUE }),
      grid: whole('--grid <cells>', 'cells along each side of the initial conditions, even, 16 to 512', 128, {
        min: 16,
      }),
    },
    load: async () => (await import('./simulate.js')).planSimulation,
  }),
  train: caseVerb({
    description:
      'fit a model of p(halos | cosmology), or with --objective npe of p(cosmology | halos), to simulated fields',
    requires: ['out'],
    options: {
      data: texts('--data <files...>', 'halo fields: .h5, halos.npy, or a Quijote folder', true),
      network: choice('--network <name>', 'the network', networkKinds),
      objective: choice('--objective <name>', 'what is learned', [...objectiveNames, ...embeddedMethods]),
    },
    load: async () => (await import('./train.js')).planTraining,
  }),
  sample: caseVerb({
    description:
      'draw halo fields at a cosmology; parameters not named are drawn from the prior of the design, one draw a field',
    requires: ['out'],
    options: {
      ...cosmology(''),
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
        drawSamplers,
      ),
    },
    load: async () => (await import('./sample.js')).planSampling,
  }),
  infer: caseVerb({
    description: 'the posterior of the cosmological parameters given one field of halos',
    options: {
      data: texts('--data <files...>', 'simulated or observed fields', true),
      index: whole('--index <number>', 'which of its fields', 0, { min: 0 }),
      method: choice('--method <name>', 'how', methods, 'npe'),
      beside: choice(
        '--beside <name>',
        'another way, by the model that ships, drawn beside the first on the page',
        methods,
      ),
      n: whole('--n <count>', 'draws', 4000, { min: 40 }),
      page: text('--page <file>', 'an html page with the pictures'),
    },
    load: async () => (await import('./inference/infer.js')).planInference,
  }),
  evaluate: caseVerb({
    description:
      'compare drawn fields with simulated ones: correlation function, multipoles, bispectrum, kNN-CDF, v12, mass function',
    options: {
      data: texts('--data <files...>', 'simulated fields', true),
      samples: text('--samples <file>', 'drawn fields; without it they are drawn from --run'),
      n: drawing(whole('--n <count>', 'fields drawn beside each simulated one', 1, { min: 1 })),
      steps: drawing(whole('--steps <count>', 'steps of the sampler', 32, { min: 1 })),
      method: choice('--method <name>', 'judge posteriors of theta by this method instead (see infer)', methods),
      sampler: choice('--sampler <name>', "the sampler; by default sample's", drawSamplers),
    },
    load: async () => (await import('./evaluate.js')).planEvaluation,
  }),
}
