import { defineCommand } from '../command.js'
import { choice, text, texts, whole } from '../../pipelines/options.js'

export const densitiesEvaluate = defineCommand({
  subject: 'densities',
  verb: 'evaluate',
  description:
    'a method on a standard task beside its reference posterior (C2ST), or the calibration of a run on unseen simulations',
  options: {
    task: text(
      '--task <name>',
      'a standard task: two_moons, slcp, gaussian_linear, gaussian_mixture, bernoulli_glm, sir, …',
    ),
    method: choice('--method <name>', 'what is learned, with --task', ['npe', 'nle', 'nre', 'fmpe', 'npse']),
    simulations: whole('--simulations <count>', 'simulations of the task to learn from', 10_000, { min: 20 }),
    index: whole('--index <i>', "which of the task's observations, by its number; 0 for all that ship", 0, { min: 0 }),
    data: texts('--data <files...>', 'simulations that the run has not seen, with --run'),
    rows: whole('--rows <count>', 'at most so many of them, the first ones; 0 for all', 500, { min: 0 }),
    n: {
      ...whole('--n <count>', 'draws a posterior', 0, { min: 100 }),
      fallbackText: '10000 of a task, 500 for each simulation',
    },
  },
  async run(options, context) {
    const { evaluateDensities } = await import('../../pipelines/densities/evaluate.js')
    await evaluateDensities({ ...options, n: options.n === 0 ? undefined : options.n }, context)
  },
})
