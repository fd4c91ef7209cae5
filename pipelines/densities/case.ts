import { methodNames } from '../../generative/sbi/methodNames.js'
import { type Case, caseVerb } from '../case.js'
import { choice, text, texts, whole } from '../options.js'

/** Any simulator of the user's: p(theta|x) from a table of simulations, or from a program that makes them. */
export const densities: Case = {
  name: 'densities',
  description: 'your own simulator: p(theta|x) from a table of simulations or a program that makes them',
  kinds: async () => [(await import('../../io/objects/simulations.js')).simulations],
  simulate: caseVerb({
    description: 'draw parameters and data of a standard task of simulation-based inference',
    requires: ['out'],
    options: {
      // not required: the error for none lists all tasks
      task: text('--task <name>', 'two_moons, slcp, sir, …: a wrong name lists all ten', ''),
      n: whole('--n <count>', 'number of simulations', 10_000, { min: 1 }),
    },
    load: async () => (await import('./simulate.js')).planSimulation,
  }),
  train: caseVerb({
    description: 'learn p(theta|x) from a table of simulations, or from a simulator that is run',
    requires: ['out'],
    options: {
      data: texts(
        '--data <files...>',
        'tables of simulations: theta and x in .h5 or .arrow, theta_NAME and x_NAME in .csv',
      ),
      method: choice('--method <name>', 'what is learned', methodNames),
      prior: text('--prior <file>', 'JSON as {"mass": {"uniform": [0, 2]}, "slope": {"normal": [1, 0.5]}}'),
      rounds: whole('--rounds <count>', 'rounds of simulations, each where the last posterior lies', 1, {
        min: 1,
        max: 100,
      }),
      command: text(
        '--command <simulator>',
        'a program: a JSON line of parameters on stdin gives a JSON line of data on stdout',
      ),
      observation: text('--observation <file>', 'what the rounds look at: a csv with x_NAME'),
      simulations: whole('--simulations <count>', 'simulations a round, with --command', 1000, { min: 2 }),
    },
    load: async () => (await import('./train.js')).planTraining,
  }),
  infer: caseVerb({
    description: 'draws of theta given one observation, by a trained run',
    requires: ['run'],
    options: {
      observation: {
        ...text('--observation <file>', 'a csv with x_NAME, or plain numbers in the order of the training', ''),
        required: true,
      },
      n: whole('--n <count>', 'draws', 10_000, { min: 100, max: 10_000_000 }),
      command: text('--command <simulator>', 'simulates the draws anew, for the posterior predictive check'),
      page: text('--page <file>', 'an html page with the pictures'),
    },
    load: async () => (await import('./infer.js')).planInference,
  }),
  evaluate: caseVerb({
    description:
      'a method on a standard task beside its reference posterior (C2ST), or the calibration of a run on unseen simulations',
    options: {
      task: text(
        '--task <name>',
        'a standard task: two_moons, slcp, gaussian_linear, gaussian_mixture, bernoulli_glm, sir, …',
      ),
      method: choice('--method <name>', 'what is learned, with --task', methodNames),
      simulations: whole('--simulations <count>', 'simulations of the task to learn from', 10_000, { min: 20 }),
      index: whole('--index <i>', "which of the task's observations, by its number; 0 for all that ship", 0, {
        min: 0,
      }),
      data: texts('--data <files...>', 'simulations that the run has not seen, with --run'),
      rows: whole('--rows <count>', 'at most so many of them, the first ones; 0 for all', 500, { min: 0 }),
      n: {
        ...whole('--n <count>', 'draws a posterior', 0, { min: 100 }),
        fallbackText: '10000 of a task, 500 for each simulation',
      },
    },
    load: async () => (await import('./evaluate.js')).planEvaluation,
  }),
}
