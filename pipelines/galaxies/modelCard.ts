import { writeAtomic } from '../../io/index.js'
import { stippleVersion } from '../../io/rootAttributes.js'
import type { Normalisation } from '../stream/index.js'
import type { GalaxiesConfig } from './config.js'
import type { MarksModel } from './marks/index.js'
import { trainedRange } from './model.js'
import type { TrainOptions } from './options.js'
import type { TrainResult } from './trainResult.js'

/** The card that lies beside the weights: what they were made of, how, for how long, and where they hold. */
export function writeModelCard(
  path: string,
  options: TrainOptions,
  config: GalaxiesConfig,
  result: TrainResult,
  normalisation: Normalisation,
  marks?: MarksModel,
): void {
  const ranges = Object.entries(normalisation.theta).map(
    ([name]) =>
      `| ${name} | ${trainedRange(normalisation, name)
        .map(x => x.toPrecision(4))
        .join(' | ')} |`,
  )
  const shares = result.explained.map(
    ({ sigma, pairs, total, gain }) =>
      `| ${sigma.toFixed(1)} | ${(100 * pairs).toFixed(2)} | ${(100 * total).toFixed(2)} | ${gain.toFixed(2)} |`,
  )
  const lines = [
    '# Model card: halo fields given cosmology',
    '',
    `Made by stipple ${stippleVersion()} with seed ${options.seed} from ${options.data.join(', ')}: ${result.fields.training} training and`,
    `${result.fields.validation} validation simulations. The pair score was fitted in ${result.seconds.pairs.toFixed(0)} s${
      config.network.kind === 'none' ? '' : `; the network (${config.network.kind}) was`
    }`,
    config.network.kind === 'none'
      ? 'and no network on top of it.'
      : `trained for ${result.steps} steps in ${result.seconds.network.toFixed(0)} s.`,
    ...ladderLines(config, result),
    '',
    `The held-out simulations are rows (counted over all files): ${result.validation_rows.join(', ') || 'none'}.`,
    '',
    "Range of validity (the training fields'):",
    '',
    '| parameter | least | most |',
    '|---|---|---|',
    ...ranges,
    '',
    'Share of the noise explained on validation fields, per cent, and the gain at which the network is used:',
    '',
    '| sigma, Mpc/h | pairs | in all | gain |',
    '|---|---|---|---|',
    ...shares,
    '',
    marksLine(marks),
    '',
  ]
  writeAtomic(path, lines.join('\n'))
}

function ladderLines({ ladder }: GalaxiesConfig, { seconds }: TrainResult): string[] {
  if (!ladder.use) return []
  return [
    '',
    `Fields are drawn by a ladder of ${ladder.rungs} rungs on the features of the pair score, fitted in ${seconds.ladder.toFixed(0)} s: each rung's drift is the`,
    'least-squares one on the clouds that the rungs before it draw, with the moments that noised simulated clouds have.',
  ]
}

function marksLine(marks: MarksModel | undefined): string {
  if (!marks) return 'It draws positions alone: masses and velocities are not modelled.'
  const share = (x: number) => (100 * x).toFixed(1)
  const { velocity, scores } = marks.diagnostics
  return (
    `Masses and velocities are drawn given the positions (fitted on ${marks.fields} fields): the surroundings explain ` +
    `${share(velocity.heldOut)}% of the variance of the velocities and ${share(scores.heldOut)}% of that of the masses' ranks on held-out fields.`
  )
}
