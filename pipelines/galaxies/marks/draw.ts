import { type Box, type Key, normal, UsageError, uniform } from '../../../core/index.js'
import { dpmpp2m } from '../../../generative/diffusion/index.js'
import { makeMesh, place, potentialFlow } from '../../../gnn/marks/index.js'
import type { Field } from '../../../io/galaxies/field.js'
import { shellCentres } from '../../../statistics/index.js'
import { relativeSpread } from './abundance.js'
import { fitSpectrum, flowCell, powerAt } from './flowSpectrum.js'
import { flowEdges, type MarksModel, scoreEdges } from './marksModel.js'
import { lnDensityAt, massAt } from './massFunction.js'
import { residualDenoiser } from './residualDenoiser.js'
import { fixedFeatures, residualColumns } from './residualFeatures.js'
import { normalScores, orderBy } from './scores.js'
import {
  applyFeatures,
  expectedScores,
  expectedVelocities,
  makeSurroundings,
  type Surroundings,
} from './surroundings.js'
import { applyTerms, termsAt } from './thetaSpace.js'

export interface Marks {
  /** `[points, 3]` km/s */
  readonly velocities: Float32Array
  /** `[points]` log10 Msun/h */
  readonly logMass: Float32Array
}

export interface DrawMarksOptions {
  /**
   * log10 Msun/h that all masses exceed, where the points are all halos above it; without it the points are the
   * heaviest of their number
   */
  readonly threshold?: number
  /** Also at a theta outside the fields of the fit */
  readonly extrapolate?: boolean
}

/** Points that have no marks yet. */
export interface Unmarked {
  /** `[points, 3]` Mpc/h */
  readonly positions: Float32Array
  /** Mpc/h, periodic, at least 240 along each axis */
  readonly box: Box
  readonly theta: Readonly<Record<string, number>>
}

/**
 * Draws masses and velocities for points. The same key gives the same bytes.
 *
 * @throws ThetaOutOfRange; UsageError for a box too small or more points than the fields of the fit would show in it
 */
export async function drawMarks(
  model: MarksModel,
  { positions, box, theta }: Unmarked,
  key: Key,
  options: DrawMarksOptions = {},
): Promise<Marks> {
  const terms = termsAt(model.theta, theta, options.extrapolate)
  const around = makeSurroundings(model.basis, box, model.density)(positions)
  const order = orderBy(drawScores(model, around, terms, key.split('scores')))
  const sorted = drawMasses(
    model,
    terms,
    { points: positions.length / 3, volume: volumeOf(box), threshold: options.threshold },
    key.split('masses'),
  )
  const logMass = new Float32Array(order.length)
  order.forEach((i, rank) => {
    logMass[i] = sorted[rank]
  })
  const scores = new Float64Array(order.length)
  const ranks = normalScores(order.map((_, rank) => rank))
  order.forEach((i, rank) => {
    scores[i] = ranks[rank]
  })
  const expected = meanVelocities(model, around, scores, terms)
  const rest = await residualFlow(model, { positions, box, around, scores, expected, terms }, key.split('velocities'))
  return { velocities: Float32Array.from(expected, (v, row) => v + rest[row]), logMass }
}

/** The field with marks, heaviest first. */
export function orderByMass(field: Field): Field {
  const { logMass, velocities, positions, points } = field
  if (!logMass) return field
  const order = orderBy(logMass).reverse()
  const vectors = (values: Float32Array) => values.map((_, at) => values[3 * order[Math.floor(at / 3)] + (at % 3)])
  return {
    ...field,
    positions: vectors(positions),
    ...(velocities ? { velocities: vectors(velocities) } : {}),
    logMass: Float32Array.from({ length: points }, (_, i) => logMass[order[i]]),
  }
}

/**
 * What velocities are expected at the points, km/s, given positions and the masses' normal scores: turns with the
 * cloud.
 */
export function meanVelocities(
  model: MarksModel,
  around: Surroundings,
  scores: Float64Array,
  terms: Float64Array,
): Float64Array {
  const rms = Math.exp(applyTerms(terms, model.velocity.scale)[0])
  const coefficients = applyTerms(terms, model.velocity.coefficients)
  return expectedVelocities(around, model.basis, scores, coefficients).map(v => rms * v)
}

/** What mass scores are expected at the points: does not turn with the cloud. */
export function meanScores(model: MarksModel, around: Surroundings, terms: Float64Array): Float64Array {
  return expectedScores(around, model.basis, applyTerms(coarseOf(model, terms), model.scores.coefficients))
}

/**
 * Expected scores and noise; neighbours share theirs by half their correlation each way, which is right to its square.
 */
function drawScores(model: MarksModel, around: Surroundings, terms: Float64Array, key: Key): Float64Array {
  const expected = meanScores(model, around, terms)
  const [variance, ...correlation] = applyTerms(terms, model.scores.noise)
  const spread = Math.sqrt(Math.min(1.2, Math.max(0.2, variance)))
  const noise = normal(key, around.points)
  const { order, offsets, senders, geometry } = around.pairs
  for (let q = 0; q < around.points; q++) {
    let shared = noise[order[q]]
    let squares = 1
    for (let p = offsets[q]; p < offsets[q + 1]; p++) {
      const weight = 0.5 * correlationAt(correlation, geometry[4 * p + 3])
      shared += weight * noise[order[senders[p]]]
      squares += weight * weight
    }
    expected[order[q]] += (spread * shared) / Math.sqrt(squares)
  }
  return expected
}

function correlationAt(values: readonly number[], r: number): number {
  for (let bin = 0; bin < values.length; bin++)
    if (r < scoreEdges[bin + 1]) return Math.min(0.4, Math.max(-0.4, values[bin]))
  return 0
}

/** Masses `[points]` from the mass function, log10 Msun/h, ascending. */
function drawMasses(
  { mass, density, theta }: MarksModel,
  terms: Float64Array,
  { points, volume, threshold }: { readonly points: number; readonly volume: number; readonly threshold?: number },
  key: Key,
): Float64Array {
  const of = massAt(mass, terms)
  const limit = 1.25 * Math.exp(mass.range[1])
  if (threshold === undefined && points / volume > limit)
    throw new UsageError(
      `expected at most ${Math.floor(limit * volume)} points in this box, ${density.toExponential(2)} a (Mpc/h)^3 being as light as is known`,
      `got ${points}`,
      'draw fewer points, or a larger box',
    )
  const spread = relativeSpread({ mass, theta }, volume)
  const most =
    threshold === undefined
      ? Math.log(points / volume) + spread * normal(key.split('density'), 1)[0]
      : lnDensityAt(mass, terms, threshold)
  return Float64Array.from(uniform(key.split('ranks'), points), u => of(most + Math.log(u))).sort()
}

interface Flowing {
  readonly positions: Float32Array
  readonly box: Box
  readonly around: Surroundings
  /** `[points]` normal scores of the masses */
  readonly scores: Float64Array
  /** `[3 * points]` km/s */
  readonly expected: Float64Array
  readonly terms: Float64Array
}

/**
 * The part of the velocities that does not follow from the surroundings, km/s: begun as a random flow with the measured
 * correlation, noised to the highest level, and brought down by the denoiser, which knows what near pairs do along and
 * across their separation.
 */
async function residualFlow(
  model: MarksModel,
  { positions, box, around, scores, expected, terms }: Flowing,
  key: Key,
): Promise<Float64Array> {
  const [logRest, logLeft, ...correlation] = applyTerms(terms, model.velocity.residual)
  const rms = Math.exp(applyTerms(terms, model.velocity.scale)[0] + Math.min(0, logRest) / 2)
  const unit = Math.exp(Math.min(0, logLeft) / 2)
  const { fixed, changing } = residualColumns(model.basis)
  const features = fixedFeatures(
    around,
    model.basis,
    scores,
    expected.map(v => v / rms),
    fixed + changing,
  )
  const known = applyFeatures(features, fixed + changing, applyTerms(coarseOf(model, terms), model.rest.coefficients))
  const levels = model.rest.levels.slice().reverse()
  const start = randomFlow(model, correlation, { positions, box }, key.split('flow'))
  const noise = normal(key.split('noise'), start.length)
  const state = {
    shape: [1, around.points, 3] as const,
    values: Float32Array.from(start, (value, row) => value + levels[0] * noise[row]),
  }
  const drawn = await dpmpp2m(residualDenoiser(model, around, { scores, features, terms }), state, [...levels, 0])
  return known.map((value, row) => rms * (value + unit * drawn.values[row]))
}

function coarseOf(model: MarksModel, terms: Float64Array): number[] {
  return model.coarse.map(t => terms[t])
}

/** A flow of unit variance with the correlation between pairs that the surroundings leave. */
function randomFlow(
  { box: own }: MarksModel,
  correlation: readonly number[],
  { positions, box }: Pick<Unmarked, 'positions' | 'box'>,
  key: Key,
): Float64Array {
  const radii = shellCentres(flowEdges.filter(edge => edge <= Math.min(...own) / 2))
  const bins = flowEdges.length - 1
  const parallel = correlation.slice(0, radii.length)
  const across = correlation.slice(bins, bins + radii.length)
  const spectrum = fitSpectrum({ radii, parallel, across }, own)
  const mesh = makeMesh([box[0]!, box[1]!, box[2]!], flowCell)
  const points = positions.length / 3
  const flow = potentialFlow(mesh, place(mesh, positions, points), powerAt(spectrum), key)
  const white = normal(key.split('white'), flow.length)
  return flow.map((value, row) => value + Math.sqrt(spectrum.white) * white[row])
}

function volumeOf(box: Box): number {
  return box.reduce<number>((volume, length) => volume * (length ?? Number.NaN), 1)
}
