import { basename } from 'node:path'
import { writeAtomic } from '../../io/index.js'
import { stippleVersion } from '../../io/rootAttributes.js'
import { type DwarfPrior, priorNames } from '../../simulators/index.js'
import type { DwarfsConfig } from './config.js'
import type { TrainOptions } from './options.js'
import type { TrainResult } from './trainResult.js'

/** The card that lies beside the weights: what they were made of, how, for how long, and where they hold. */
export function writeDwarfsCard(
  path: string,
  options: TrainOptions,
  { embedding, flow, augment, train }: DwarfsConfig,
  prior: DwarfPrior,
  { galaxies, stars, steps, seconds, information }: TrainResult,
): void {
  const lines = [
    '# Model card: dark matter of dwarf galaxies from the velocities of their stars',
    '',
    `Made by stipple ${stippleVersion()} with seed ${options.seed} from ${options.data.map(file => basename(file)).join(', ')}: ${galaxies.training} training and`,
    `${galaxies.validation} validation galaxies. ${train.members} network(s): embedding ${embedding.kind} (${embedding.layers} layers of ${embedding.width}, ${embedding.outputs} outputs),`,
    `flow ${flow.kind} (${flow.layers} layers of ${flow.width}); ${steps} steps in ${(seconds / 60).toFixed(1)} min on ${options.threads} threads, ended by validation.`,
    `Galaxies were thinned with probability ${augment.thin} (to ${augment.starsLeast} stars at least) and given more noise with probability ${augment.noise}.`,
    '',
    `Held-out galaxies are told ${information.map(x => x.toFixed(3)).join(', ')} nats beyond the prior.`,
    '',
    `Range of validity: ${stars[0]} to ${stars[1]} stars, and the prior of the simulations (uniform in these coordinates, where the`,
    'distribution function is nowhere negative):',
    '',
    '| coordinate | least | most |',
    '|---|---|---|',
    ...priorNames.map(name => `| ${name} | ${prior[name][0]} | ${prior[name][1]} |`),
    '',
    'Spherical galaxies in equilibrium, one tracer population; no binaries unless the simulations had them. Data that leave summaries unlike',
    'those XX',
    '',
  ]
  writeAtomic(path, lines.join('\n'))
}
