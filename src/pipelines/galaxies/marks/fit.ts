import { DataError, type Field, type Key, makeKey, permutation, UsageError } from '../../../core/index.js'
import { makeCholesky } from '../../../engine/linalg/cholesky.js'
import { contract, fitRidge, type RidgeFit, type RidgeRow, termPenalties } from '../../../generative/pairs/index.js'
import { MARK_BASIS, type MarkBasis, pairBasisFor } from '../../../gnn/marks/index.js'
import { dequantise, particleMass } from './dequantise.js'
import { makeDenoiserFit } from './fitDenoiser.js'
import type { MarksModel } from './marksModel.js'
import { fitMassFunction } from './massFunction.js'
import { flowCorrelation, meanSquare, scoreCorrelation } from './residuals.js'
import { normalScores } from './scores.js'
import {
  applyFeatures,
  makeSurroundings,
  massColumns,
  massFeatures,
  packedMoments,
  type Surroundings,
  velocityColumns,
  velocityFeatures,
} from './surroundings.js'
import { applyTerms, penaltiesOf, regress, termsAt, thetaSpace } from './thetaSpace.js'

export interface FitMarksOptions {
  readonly basis?: MarkBasis
  /** Ridge candidates, relative to the diagonal; a sixth of the fields chooses */
  readonly ridge?: readonly number[]
  /** Fields whose residuals are measured, default 60: their correlations are known well enough by then */
  readonly residualFields?: number
  /** Msun/h of one particle where masses are counts of them; default that of 192^3 particles in 1 Gpc/h */
  readonly particle?: (field: Field) => number
  readonly seed?: number
  readonly signal?: AbortSignal
  readonly onProgress?: (step: {
    readonly stage: 'moments' | 'solve' | 'residuals'
    readonly done: number
    readonly total: number
  }) => void
}

const RIDGES = [3e-4, 3e-3, 3e-2, 0.1]
/** Ridge of what is measured a field: most of its scatter between fields is chance. */
const SMOOTH = 0.003

/** A field with what the fit needs of it. */
interface Marked {
  readonly field: Field
  readonly velocities: Float32Array
  readonly logMass: Float64Array
  readonly scores: Float64Array
  readonly terms: Float64Array
}

/**
 * Fits masses and velocities given positions in closed form: one pass for second moments, two ridge regressions over all fields and theta terms, a second pass
 * over what they leave. One thread; about 40 s for 120 fields of 5000. All fields share box and number of parameters.
 *
 * @throws DataError where a field has no masses or no velocities
 */
export async function fitMarks(
  fields: Iterable<Field> | AsyncIterable<Field>,
  options: FitMarksOptions = {},
): Promise<MarksModel> {
  const { basis = MARK_BASIS, ridge = RIDGES, residualFields = 60, seed = 0, signal, onProgress } = options
  const key = makeKey(seed).split('marks')
  const list: Field[] = []
  for await (const field of fields) list.push(field)
  const { box, density, theta, marked } = prepare(list, key, options)
  const surround = makeSurroundings(basis, list[0].box, density)

  const scale = regress(
    marked.map(m => m.terms),
    marked.map(m => [Math.log(meanSquare(Float64Array.from(m.velocities))) / 2]),
    { ridge: 1e-4, penalties: penaltiesOf(theta) },
  )
  const scoreRows: RidgeRow[] = []
  const velocityRows: RidgeRow[] = []
  for (const [done, { field, velocities, scores, terms }] of marked.entries()) {
    signal?.throwIfAborted()
    const around = surround(field.positions)
    scoreRows.push({ moments: scoreMoments(around, basis, scores), terms })
    const rms = Math.exp(applyTerms(terms, scale)[0])
    velocityRows.push({ moments: velocityMoments(around, basis, scores, velocities, rms), terms })
    onProgress?.({ stage: 'moments', done: done + 1, total: marked.length })
    await pause()
  }
  const choose = chooser(marked.length, ridge, key)
  const penalties = termPenalties(theta)
  const solver = await makeCholesky()
  const fit = (rows: readonly RidgeRow[]) => fitRidge(...choose(rows), penalties, ridge, solver)
  const scoreFit = await fit(scoreRows)
  onProgress?.({ stage: 'solve', done: 1, total: 2 })
  signal?.throwIfAborted()
  const velocityFit = await fit(velocityRows)
  onProgress?.({ stage: 'solve', done: 2, total: 2 })

  const found: Residual[] = []
  const every = Math.max(1, marked.length / residualFields)
  const chosen = marked.filter((_, i) => Math.floor((i + 1) / every) > Math.floor(i / every))
  const denoiserFit = await makeDenoiserFit(theta, basis, key.split('residual noise'))
  for (const mark of chosen) {
    signal?.throwIfAborted()
    const rms = Math.exp(applyTerms(mark.terms, scale)[0])
    const around = surround(mark.field.positions)
    const left = residualOf(mark, around, basis, scoreFit, velocityFit, rms)
    found.push(left)
    await denoiserFit.add(around, mark.scores, left.expected, left.rest, mark.terms)
    onProgress?.({ stage: 'residuals', done: found.length, total: chosen.length })
    await pause()
  }
  const denoiser = await denoiserFit.solve(chooser(chosen.length, ridge, key), ridge, solver)
  const smooth = (values: readonly ArrayLike<number>[]) =>
    regress(
      chosen.map(m => m.terms),
      values,
      { ridge: SMOOTH, penalties: penaltiesOf(theta) },
    )
  const samples = marked.map(({ field, logMass, terms }) => ({
    logMass: logMass.slice().sort().reverse(),
    volume: volumeOf(field),
    terms,
  }))
  return {
    basis,
    theta,
    fields: marked.length,
    box,
    density,
    mass: fitMassFunction(samples, theta),
    scores: { coefficients: scoreFit.coefficients, noise: smooth(found.map(f => f.score)) },
    velocity: {
      scale,
      coefficients: velocityFit.coefficients,
      residual: smooth(found.map(f => f.flow)),
    },
    denoiser: denoiser.model,
    diagnostics: { scores: shares(scoreFit), velocity: shares(velocityFit), denoiser: denoiser.diagnostics },
  }
}

function prepare(list: readonly Field[], key: Key, options: FitMarksOptions) {
  if (list.length === 0)
    throw new UsageError(
      'expected at least one field to fit masses and velocities on',
      'got none',
      'give a file with fields',
    )
  const box = pairBasisFor(options.basis ?? MARK_BASIS, list[0].box).box
  const names = Object.keys(list[0].theta)
  const theta = thetaSpace(
    names,
    list.map(field => names.map(name => field.theta[name])),
  )
  const particle = options.particle ?? (field => particleMass(field.theta.omega_m ?? Number.NaN))
  const marked = list.map((field, i): Marked => {
    const { velocities, logMass } = field
    if (!velocities || !logMass || field.points < 2)
      throw new DataError(
        `expected velocities and masses of field ${i}`,
        `got ${!velocities ? 'no velocities' : !logMass ? 'no masses' : `${field.points} points`}`,
        'fit on fields that have both',
      )
    const whole = particle(field)
    const masses = Number.isFinite(whole)
      ? dequantise(logMass, whole, key.split('particles').split(i))
      : Float64Array.from(logMass)
    return { field, velocities, logMass: masses, scores: normalScores(masses), terms: termsAt(theta, field.theta) }
  })
  const density = list.reduce((sum, field) => sum + field.points / volumeOf(field), 0) / list.length
  return { box, density, theta, marked }
}

function scoreMoments(around: Surroundings, basis: MarkBasis, scores: Float64Array): RidgeRow['moments'] {
  const columns = massColumns(basis) + 1
  const design = massFeatures(around, columns)
  scores.forEach((score, i) => {
    design[(i + 1) * columns - 1] = score
  })
  return { rows: scores.length, packed: packedMoments(design, columns) }
}

function velocityMoments(
  around: Surroundings,
  basis: MarkBasis,
  scores: Float64Array,
  velocities: Float32Array,
  rms: number,
): RidgeRow['moments'] {
  const columns = velocityColumns(basis) + 1
  const design = velocityFeatures(around, scores, columns)
  velocities.forEach((v, row) => {
    design[(row + 1) * columns - 1] = v / rms
  })
  return { rows: velocities.length, packed: packedMoments(design, columns) }
}

/** What a field's regressions leave, in numbers. */
interface Residual {
  readonly score: number[]
  readonly flow: number[]
  /** `[3 * points]` expected velocities and the rest, over the rest's rms in this field */
  readonly expected: Float64Array
  readonly rest: Float64Array
}

function residualOf(
  { field, velocities, scores, terms }: Marked,
  around: Surroundings,
  basis: MarkBasis,
  scoreFit: RidgeFit,
  velocityFit: RidgeFit,
  rms: number,
): Residual {
  const scoreColumns = massColumns(basis)
  const expected = applyFeatures(massFeatures(around, scoreColumns), scoreColumns, contract(scoreFit.coefficients, terms))
  const left = scoreCorrelation(field.positions, field.box, scores, expected)
  const columns = velocityColumns(basis)
  const mean = applyFeatures(velocityFeatures(around, scores, columns), columns, contract(velocityFit.coefficients, terms))
  const rest = mean.map((value, row) => velocities[row] / rms - value)
  const flow = flowCorrelation(field.positions, field.box, rest)
  const unit = Math.sqrt(flow.variance)
  return {
    score: [left.variance, ...left.values],
    flow: [Math.log(flow.variance), ...flow.values],
    expected: mean.map(value => value / unit),
    rest: rest.map(value => value / unit),
  }
}

/** The same fields held out in both regressions. */
function chooser(fields: number, ridge: readonly number[], key: Key) {
  const order = permutation(key.split('held out'), fields)
  const held = new Set(ridge.length > 1 && fields > 1 ? order.subarray(0, Math.max(1, Math.round(fields / 6))) : [])
  return (rows: readonly RidgeRow[]): [RidgeRow[], RidgeRow[]] => [
    rows.filter((_, i) => !held.has(i)),
    rows.filter((_, i) => held.has(i)),
  ]
}

function shares({ train, heldOut, ridge }: RidgeFit) {
  return { train, heldOut, ridge }
}

function volumeOf(field: Field): number {
  return field.box.reduce<number>((volume, length) => volume * (length ?? Number.NaN), 1)
}

/** Lets timers and signals have their turn between fields. */
function pause(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
