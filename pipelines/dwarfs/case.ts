import { type Case, caseVerb } from '../case.js'
import { embeddedMethods } from '../learn/methodNames.js'
import { choice, flag, real, text, texts, whole } from '../options.js'

const method = choice(
  '--method <name>',
  "the trained network, by the run's own method where none is named, or the Jeans analysis by MCMC",
  [...embeddedMethods, 'jeans'],
)

/** Dwarf galaxies: the dark matter from the velocities of their stars. */
export const dwarfs: Case = {
  name: 'dwarfs',
  description: 'dwarf galaxies: dark matter from the velocities of stars',
  kinds: async () => [(await import('../../io/dwarfs/dwarfs.js')).dwarfs],
  simulate: caseVerb({
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
        { min: 0, max: 0.99 },
      ),
      prior: texts('--prior <name=low,high>', 'another interval of the prior, as gamma=0,1.5; may be repeated'),
      dfClip: flag(
        '--df-clip',
        'set negative distribution functions to zero, beta_0 up to 0.5: for comparison with others only',
      ),
    },
    load: async () => (await import('./simulate.js')).planSimulation,
  }),
  train: caseVerb({
    description: 'learn the posterior of the dark matter from simulated galaxies',
    requires: ['out'],
    options: {
      data: texts('--data <files...>', 'simulated galaxies: .h5 of dwarfs simulate, or of JeansGNN', true),
      method: choice('--method <name>', 'what is learned', embeddedMethods),
    },
    load: async () => (await import('./train.js')).planTraining,
  }),
  infer: caseVerb({
    description:
      'the dark matter of one galaxy from the velocities of its stars: posterior, rho(r), M(<r), V_max, J and D factors',
    positionals: ['<stars>'],
    options: {
      index: whole('--index <i>', 'which galaxy of a file of several', 0, { min: 0 }),
      method,
      distance: real('--distance <kpc>', 'distance; taken before that of --galaxy'),
      galaxy: text('--galaxy <name>', 'a dwarf galaxy of the Local Volume Database: its distance, centre and motion'),
      n: whole('--n <count>', 'draws', 4000, { min: 100, max: 1_000_000 }),
      prior: text('--prior <file>', 'reweights the draws to a prior: JSON as {"gamma": {"uniform": [0, 1.5]}}'),
      angle: real('--angle <degrees>', 'half-angle of the cone of the J and D factors', 0.5),
      page: text('--page <file>', 'an html page with the pictures'),
    },
    load: async () => (await import('./infer.js')).planInference,
  }),
  evaluate: caseVerb({
    description:
      'judge posteriors of simulated galaxies: coverage, ranks (SBC), TARP, errors and log-scores of each parameter',
    options: {
      data: texts('--data <files...>', 'simulated galaxies that the model has not seen', true),
      method,
      galaxies: whole('--galaxies <count>', 'at most so many, the first ones; 0 for all', 0, { min: 0 }),
      n: whole('--n <count>', 'draws a galaxy', 500, { min: 100 }),
    },
    load: async () => (await import('./evaluate.js')).planEvaluation,
  }),
}
