import type { Stage } from '../case.js'
import { madeBy, table } from '../learn/card.js'
import type { Normalisation } from '../stream/index.js'
import type { GalaxiesConfig } from './config.js'
import type { MarksModel } from './marks/index.js'
import { trainedRange } from './model.js'
import type { LevelShare } from './validate.js'

/** What a training run of p(halos | cosmology) says besides, in `--json`. */
export type GalaxiesFacts = {
  readonly seconds: Readonly<Record<'pairs' | 'ladder' | 'marks' | 'network' | 'validation' | 'total', number>>
  readonly explained: readonly LevelShare[]
  readonly fields: Readonly<Record<'training' | 'validation', number>>
  /** rows of the data that were held out, counted over all files */
  readonly validation_rows: readonly number[]
}

/** What the model card says: what the model was made of, how, for how long, and where it holds. */
export function cardParts({
  stage: { config, data, seed },
  facts,
  steps,
  normalisation,
  marks,
}: {
  readonly stage: Stage<GalaxiesConfig>
  readonly facts: GalaxiesFacts
  readonly steps: number
  readonly normalisation: Normalisation
  readonly marks?: MarksModel
}): (readonly string[] | string)[] {
  const { fields, seconds, explained, validation_rows } = facts
  const { kind } = config.network
  return [
    [
      `${madeBy({ seed, from: data.join(', ') })}: ${fields.training} training and ${fields.validation} validation`,
      `simulations. The pair score was fitted in ${seconds.pairs.toFixed(0)} s${
        kind === 'none'
          ? ', with no network on top of it.'
          : `; the network (${kind}) was trained for ${steps} steps in ${seconds.network.toFixed(0)} s.`
      }`,
    ],
    ladderLines(config, facts),
    `The held-out simulations are rows (counted over all files): ${validation_rows.join(', ') || 'none'}.`,
    "Range of validity (the training fields'):",
    table(
      ['parameter', 'least', 'most'],
      Object.keys(normalisation.theta).map(name => [
        name,
        ...trainedRange(normalisation, name).map(x => x.toPrecision(4)),
      ]),
    ),
    'Share of the noise explained on validation fields, per cent, and the gain at which the network is used:',
    table(
      ['sigma, Mpc/h', 'pairs', 'in all', 'gain'],
      explained.map(({ sigma, pairs, total, gain }) => [
        sigma.toFixed(1),
        (100 * pairs).toFixed(2),
        (100 * total).toFixed(2),
        gain.toFixed(2),
      ]),
    ),
    marksLine(marks),
  ]
}

function ladderLines({ ladder }: GalaxiesConfig, { seconds }: GalaxiesFacts): string[] {
  if (!ladder.use) return []
  return [
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
