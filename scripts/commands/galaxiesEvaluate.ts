import { defineCommand } from '../command.js'
import { choice, type OptionSpec, text, texts, whole } from '../../pipelines/options.js'

const inferMethods = ['npe', 'hmc', 'nuts', 'ensemble', 'nested', 'vi'] as const
const samplers = ['ladder', 'ancestral', 'ddim', 'dpmpp-2m', 'heun', 'heun-sde', 'ode'] as const

/** Not given is told from given: with --samples nothing is drawn, and what says how is refused. */
function drawing(spec: OptionSpec<number>): OptionSpec<number | undefined> {
  return { ...spec, description: `${spec.description}, ${spec.fallback} unless told`, fallback: undefined }
}

export const galaxiesEvaluate = defineCommand({
  subject: 'galaxies',
  verb: 'evaluate',
  description:
    'compare drawn fields with simulated ones: correlation function, multipoles, bispectrum, kNN-CDF, v12, mass function',
  options: {
    data: texts('--data <files...>', 'simulated fields', true),
    samples: text('--samples <file>', 'drawn fields; without it they are drawn from --run'),
    n: drawing(whole('--n <count>', 'fields drawn beside each simulated one', 1, { min: 1 })),
    steps: drawing(whole('--steps <count>', 'steps of the sampler', 32, { min: 1 })),
    method: choice('--method <name>', 'judge posteriors of theta by this method instead (see infer)', inferMethods),
    sampler: choice('--sampler <name>', "the sampler; by default sample's", samplers),
  },
  async run(options, context) {
    const { method, ...rest } = options
    if (method !== undefined) {
      const { evaluateInference } = await import('../../pipelines/galaxies/inference/evaluateInference.js')
      return evaluateInference({ ...rest, method, n: rest.n ?? 1000 }, context)
    }
    const { evaluateGalaxies } = await import('../../pipelines/galaxies/evaluate.js')
    await evaluateGalaxies(rest, context)
  },
})
