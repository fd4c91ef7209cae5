import { basename } from 'node:path'
import { writeAtomic } from '../../io/index.js'
import { stippleVersion } from '../../io/rootAttributes.js'
import type { DensitiesConfig } from './config.js'
import { droppedText } from './ingest.js'
import type { TrainedDensities } from './model.js'
import type { TrainOptions } from './options.js'
import type { TrainResult } from './trainResult.js'

/** The card that lies beside the weights: what they were made of, how, for how long, and where they hold. */
export function writeDensitiesCard(
  path: string,
  options: Pick<TrainOptions, 'data' | 'seed' | 'threads' | 'command'>,
  { method, train, embedding }: DensitiesConfig,
  { prior, units, layout }: Pick<TrainedDensities, 'prior' | 'units' | 'layout'>,
  result: TrainResult,
): void {
  const { rows, dropped, steps, seconds, validation, warnings, failures } = result
  const seen =
    layout.kind === 'vector'
      ? `Observations are ${layout.width} numbers: ${layout.names.join(', ')}.`
      : `Observations are sets of up to ${layout.points} points of ${layout.features} numbers, read by ${embedding.kind} (${embedding.layers} layers of ${embedding.width}).`
  const from = options.data.map(file => basename(file)).join(', ') || `the simulator \`${options.command}\``
  const failed = Object.entries(failures ?? {}).filter(([, count]) => count > 0)
  const lines = [
    `# Model card: ${prior.names.join(', ')} by ${method}`,
    '',
    `Made by stipple ${stippleVersion()} with seed ${options.seed} from ${from}: ${rows.training} training and ${rows.validation} validation`,
    `simulations of ${rows.all}${droppedText(dropped) || ', none dropped'}. ${train.members} network(s), ${steps} steps in ${(seconds / 60).toFixed(1)} min, ended by validation.`,
    ...(failed.length > 0
      ? [`Of the simulator's runs failed: ${failed.map(([kind, n]) => `${n} ${kind}`).join(', ')}.`]
      : []),
    '',
    `Least held-out loss: ${validation.map(x => x.toFixed(4)).join(', ')}.`,
    '',
    seen,
    '',
    'Prior of the simulations, outside of which the model says nothing:',
    '',
    '| parameter | prior | unit |',
    '|---|---|---|',
    ...prior.names.map((name, i) => `| ${name} | ${JSON.stringify(prior.marginals[name])} | ${units[i]} |`),
    '',
    ...warnings.map(text => `${text}\n`),
    'An observation that no simulation is like is flagged by `densities infer`; what the model says of it is not to be trusted.',
    '',
  ]
  writeAtomic(path, lines.join('\n'))
}
