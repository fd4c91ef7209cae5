import { type Key, permutation, UsageError } from '../../core/index.js'
import {
  type ClassifierOptions,
  type Fold,
  foldedLogOdds,
} from '../../generative/calibration/classifier/foldedClassifier.js'
import type { Field } from '../../io/galaxies/field.js'
import { type Channels, neighbourhoods } from './neighbourhood.js'

/** A drawn and a simulated field at the same theta. They stay together: in training, or in what is tried. */
export interface FieldPair {
  readonly drawn: Field
  readonly simulated: Field
}

/** A share with the standard error that the pairs' spread gives it. */
export interface Share {
  readonly value: number
  readonly error: number
}

/** How well a network tells drawn points from simulated ones, on fields not trained on; .5 where it cannot. */
export interface TwoSampleTest {
  readonly accuracy: Share
  /** probability that of a drawn and a simulated point the drawn one is thought likelier to be drawn */
  readonly auc: Share
  readonly pairs: number
  readonly points_per_field: number
}

/** What the classifier sees, and how it is trained. */
export interface TwoSampleOptions extends ClassifierOptions {
  readonly channels: Channels
  readonly folds: number
  /** described of each field, chosen at random */
  readonly points: number
  /** Parameters of theta that the classifier is given with each point, where they differ from pair to pair */
  readonly parameters: readonly string[]
}

/** A point is trained on at most so many times; more would teach the classifier few points by heart. */
const mostPasses = 40

/** Some 4 s for 16 pairs on one core. */
export const twoSampleDefaults: Omit<TwoSampleOptions, 'channels' | 'threads'> = {
  folds: 4,
  points: 2500,
  hidden: 64,
  batch: 512,
  steps: 600,
  parameters: ['omega_m', 'sigma_8'],
}

/**
 * Classifier two-sample test (Lopez-Paz and Oquab 2017, arXiv 1610.06545) on the neighbourhoods of points. Points of
 * one field share its structures, so fields, not points, are split into folds, and errors come from the spread over
 * pairs of fields.
 *
 * @throws UsageError for fewer than 4 pairs
 * @throws DataError  for fields of 16 points or fewer
 */
export async function twoSampleTest(
  pairs: readonly FieldPair[],
  options: TwoSampleOptions,
  key: Key,
): Promise<TwoSampleTest> {
  if (pairs.length < 4)
    throw new UsageError(
      'expected at least 4 pairs of fields to train on some and try others',
      `got ${pairs.length}`,
      'draw more',
    )
  const varied = options.parameters.filter(name => new Set(pairs.map(({ drawn }) => drawn.theta[name])).size > 1)
  const described = pairs.map((pair, at) => describePair(pair, varied, options, key.split('points').split(at)))
  const { width } = described[0]
  standardise(
    described.flatMap(({ drawn, simulated }) => [drawn, simulated]),
    width,
  )
  const order = permutation(key.split('folds'), pairs.length)
  const folds = Math.min(options.folds, pairs.length)
  const members = Array.from({ length: folds }, (_, fold) =>
    Array.from(order.filter((_, place) => place % folds === fold)),
  )
  const tables = members.map(pairsIn =>
    foldOf(
      pairsIn.map(at => described[at]),
      width,
    ),
  )
  const fewest = Math.min(...tables.map(({ rows }) => tables.reduce((sum, table) => sum + table.rows, 0) - rows))
  const steps = Math.min(options.steps, Math.ceil((mostPasses * fewest) / options.batch))
  const logOdds = await foldedLogOdds(tables, width, { ...options, steps }, key)
  const found = members.flatMap((pairsIn, fold) => {
    let from = 0
    return pairsIn.map(at => {
      const rows = described[at].drawn.length / width
      const drawn = logOdds[fold].subarray(from, from + rows)
      const simulated = logOdds[fold].subarray(from + rows, from + 2 * rows)
      from += 2 * rows
      const right = drawn.filter(z => z > 0).length + simulated.filter(z => z <= 0).length
      return { accuracy: right / (2 * rows), auc: areaUnderCurve(drawn, simulated) }
    })
  })
  return {
    accuracy: shareOf(found.map(({ accuracy }) => accuracy)),
    auc: shareOf(found.map(({ auc }) => auc)),
    pairs: pairs.length,
    points_per_field: described[0].drawn.length / width,
  }
}

interface Described {
  readonly width: number
  /** `[rows, width]`, the same number of rows on both sides */
  readonly drawn: Float32Array
  readonly simulated: Float32Array
}

function describePair(
  { drawn, simulated }: FieldPair,
  varied: readonly string[],
  options: TwoSampleOptions,
  key: Key,
): Described {
  const rows = Math.min(options.points, drawn.points, simulated.points)
  const of = (field: Field, which: Key) => {
    const points = permutation(which, field.points).subarray(0, rows)
    const { width, values } = neighbourhoods(field, points, options.channels)
    const theta = varied.map(name => simulated.theta[name])
    const out = new Float32Array(rows * (width + varied.length))
    for (let row = 0; row < rows; row++) {
      out.set(values.subarray(row * width, (row + 1) * width), row * (width + varied.length))
      out.set(theta, row * (width + varied.length) + width)
    }
    return { width: width + varied.length, values: out }
  }
  const [ours, theirs] = [of(drawn, key.split('drawn')), of(simulated, key.split('simulated'))]
  return { width: ours.width, drawn: ours.values, simulated: theirs.values }
}

/** Mean 0 and variance 1 a column over all rows, in place: the scale of a description is no secret. */
function standardise(tables: readonly Float32Array[], width: number): void {
  const rows = tables.reduce((sum, table) => sum + table.length / width, 0)
  for (let column = 0; column < width; column++) {
    let sum = 0
    let squares = 0
    for (const table of tables)
      for (let at = column; at < table.length; at += width) {
        sum += table[at]
        squares += table[at] ** 2
      }
    const mean = sum / rows
    const deviation = Math.sqrt(Math.max(squares / rows - mean ** 2, 0)) || 1
    for (const table of tables)
      for (let at = column; at < table.length; at += width) table[at] = (table[at] - mean) / deviation
  }
}

/** Drawn, then simulated rows, pair after pair. */
function foldOf(pairs: readonly Described[], width: number): Fold {
  const rows = pairs.reduce((sum, { drawn, simulated }) => sum + (drawn.length + simulated.length) / width, 0)
  const values = new Float32Array(rows * width)
  const labels = new Float32Array(rows)
  let from = 0
  for (const { drawn, simulated } of pairs)
    for (const [side, label] of [
      [drawn, 1],
      [simulated, 0],
    ] as const) {
      values.set(side, from * width)
      labels.fill(label, from, from + side.length / width)
      from += side.length / width
    }
  return { rows, values, labels }
}

/** By ranks (Mann and Whitney 1947), ties counted half. */
export function areaUnderCurve(above: Float32Array, below: Float32Array): number {
  const ascending = below.slice().sort()
  let wins = 0
  for (const z of above) wins += (countUpTo(ascending, z, false) + countUpTo(ascending, z, true)) / 2
  return wins / (above.length * below.length)
}

/** Values of an ascending array below `z`, or up to and with it. */
function countUpTo(ascending: Float32Array, z: number, inclusive: boolean): number {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ascending[middle] < z || (inclusive && ascending[middle] === z)) low = middle + 1
    else high = middle
  }
  return low
}

function shareOf(values: readonly number[]): Share {
  const value = values.reduce((sum, x) => sum + x, 0) / values.length
  const squares = values.reduce((sum, x) => sum + (x - value) ** 2, 0)
  return { value, error: Math.sqrt(squares / (values.length - 1) / values.length) }
}
