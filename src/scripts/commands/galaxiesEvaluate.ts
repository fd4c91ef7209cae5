import { defineCommand } from '../command.js'
import { text, texts } from '../options.js'

export const galaxiesEvaluate = defineCommand({
  subject: 'galaxies',
  verb: 'evaluate',
  description: 'compare drawn fields with simulated ones: correlation function, multipoles, kNN-CDF, v12, mass function',
  options: {
    data: texts('--data <files...>', 'simulated fields', true),
    samples: text('--samples <file>', 'drawn fields; without it they are drawn from --run'),
  },
  async run(options, context) {
    const { evaluateGalaxies } = await import('../../pipelines/galaxies/evaluate.js')
    await evaluateGalaxies(options, context)
  },
})
