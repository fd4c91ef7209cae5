import { DataError, type Key, makeKey, permutation, UsageError } from '../../../core/index.js'
import { makeCholesky } from '../../../engine/linalg/cholesky.js'
import { makeProduct, type Product } from '../../../engine/linalg/product.js'
import { contract, fitRidge, type RidgeFit, type RidgeRow, termPenalties } from '../../../generative/pairs/index.js'
import { MARK_BASIS, type MarkBasis, pairBasisFor } from '../../../gnn/marks/index.js'
import type { Field } from '../../../io/galaxies/field.js'
import { dequantise, particleMass } from './dequantise.js'
import { lowerTriangle, makeDenoiserFit, residualLevels } from './fitDenoiser.js'
import type { MarksModel } from './marksModel.js'
import { fitMassFunction } from './massFunction.js'
import { fixedFeatures, residualColumns } from './residualFeatures.js'
import { flowCorrelation, meanSquare, scoreCorrelation } from './residuals.js'
import { normalScores } from './scores.js'
import {
  applyFeatures,
  expectedScores,
  expectedVelocities,
  makeSurroundings,
  massColumns,
  massFeatures,
  type Surroundings,
  velocityColumns,
  velocityFeatures,
} from './surroundings.js'
import { applyTerms, coarseTerms, penaltiesOf, regress, termsAt, thetaSpace } from './thetaSpace.js'

export interface FitMarksOptions {
  readonly basis?: MarkBasis
  /** Ridge candidates, relative to the diagonal; a sixth of the fields chooses */
  readonly ridge?: readonly number[]
  /** Fields whose residuals are measured, default 48: their correlations are known well enough by then */
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

const triedRidges = [3e-4, 3e-3, 3e-2, 0.1]
/** Ridge of what is measured a field: most of its scatter between fields is chance. */
const smoothing = 0.003

/** A field with what the fit needs of it. */
interface Marked {
  readonly field: Field
  readonly velocities: Float32Array
  readonly logMass: Float64Array
  readonly scores: Float64Array
  readonly terms: Float64Array
  /** The coarse ones of them */
  readonly own: Float64Array
}

/**
 * Fits masses and velocities given positions in closed form: one pass for second moments, two ridge regressions over
 * all fields and theta terms, a second pass over what they leave. One thread; about 40 s for 120 fields of 5000. All
 * fields share box and number of parameters.
 *
 * @throws DataError where a field has no masses or no velocities
 */
export async function fitMarks(
  fields: Iterable<Field> | AsyncIterable<Field>,
  options: FitMarksOptions = {},
): Promise<MarksModel> {
  const { basis = MARK_BASIS, ridge = triedRidges, residualFields = 48, seed = 0, signal, onProgress } = options
  const key = makeKey(seed).split('marks')
  const list: Field[] = []
  for await (const field of fields) list.push(field)
  const { box, density, theta, coarse, marked } = prepare(list, key, options)
  const surround = makeSurroundings(basis, list[0].box, density)

  const scale = regress(
    marked.map(m => m.terms),
    marked.map(m => [Math.log(meanSquare(Float64Array.from(m.velocities))) / 2]),
    { ridge: 1e-4, penalties: penaltiesOf(theta) },
  )
  const product = await makeProduct('float32', { transposeA: true })
  const scoreRows: RidgeRow[] = []
  const velocityRows: RidgeRow[] = []
  for (const [done, { field, velocities, scores, terms, own }] of marked.entries()) {
    signal?.throwIfAborted()
    const around = surround(field.positions)
    scoreRows.push({
      moments: await withTarget(product, massFeatures(around, massColumns(basis) + 1), scores),
      terms: own,
    })
    const rms = Math.exp(applyTerms(terms, scale)[0])
    const design = velocityFeatures(around, scores, velocityColumns(basis) + 1)
    velocityRows.push({
      moments: await withTarget(
        product,
        design,
        velocities.map(v => v / rms),
      ),
      terms,
    })
    onProgress?.({ stage: 'moments', done: done + 1, total: marked.length })
    await pause()
  }
  const solver = await makeCholesky()
  const all = termPenalties(theta)
  const fit = (rows: readonly RidgeRow[], penalties: readonly number[]) =>
    fitRidge(...choose(rows, ridge, key), { penalties, ridges: ridge }, solver)
  const fitCoarse = (rows: readonly RidgeRow[]) =>
    fit(
      rows,
      coarse.map(t => all[t]),
    )
  const scoreFit = await fitCoarse(scoreRows)
  onProgress?.({ stage: 'solve', done: 1, total: 2 })
  signal?.throwIfAborted()
  const velocityFit = await fit(velocityRows, all)
  onProgress?.({ stage: 'solve', done: 2, total: 2 })

  const every = Math.max(1, marked.length / residualFields)
  const chosen = marked.filter((_, i) => Math.floor((i + 1) / every) > Math.floor(i / every))
  const columns = residualColumns(basis)
  const rests: Rest[] = []
  const restRows: RidgeRow[] = []
  for (const mark of chosen) {
    signal?.throwIfAborted()
    const around = surround(mark.field.positions)
    const rms = Math.exp(applyTerms(mark.terms, scale)[0])
    const rest = restOf(mark, around, { basis, scoreFit, velocityFit, rms })
    rests.push(rest)
    const design = fixedFeatures(around, basis, mark.scores, rest.expected, columns.fixed + 1)
    restRows.push({ moments: await withTarget(product, design, rest.rest), terms: mark.own })
    onProgress?.({ stage: 'residuals', done: rests.length, total: 2 * chosen.length })
    await pause()
  }
  const restFit = await fitCoarse(restRows)
  const found: Residual[] = []
  const denoising = await makeDenoiserFit(basis, key.split('residual noise'))
  for (const [i, mark] of chosen.entries()) {
    signal?.throwIfAborted()
    const around = surround(mark.field.positions)
    const { expected, rest, score, variance } = rests[i]
    const design = fixedFeatures(around, basis, mark.scores, expected, columns.fixed + columns.changing + 1)
    const known = applyFeatures(design, columns.fixed + columns.changing + 1, contract(restFit.coefficients, mark.own))
    const left = rest.map((value, row) => value - known[row])
    const flow = flowCorrelation(mark.field.positions, mark.field.box, left)
    const unit = Math.sqrt(flow.variance)
    await denoising.add(
      around,
      { scores: mark.scores, features: design, terms: mark.own },
      left.map(value => value / unit),
    )
    found.push({ score, flow: [Math.log(variance), Math.log(flow.variance), ...flow.values] })
    onProgress?.({ stage: 'residuals', done: chosen.length + found.length, total: 2 * chosen.length })
    await pause()
  }
  const denoisers = await denoising.solve(fitCoarse)
  const smooth = (values: readonly ArrayLike<number>[]) =>
    regress(
      chosen.map(m => m.terms),
      values,
      { ridge: smoothing, penalties: penaltiesOf(theta) },
    )
  const samples = marked.map(({ field, logMass, terms }) => ({
    logMass: logMass.slice().sort().reverse(),
    volume: volumeOf(field),
    terms,
  }))
  return {
    basis,
    theta,
    coarse,
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
    rest: {
      coefficients: restFit.coefficients,
      levels: residualLevels,
      denoiser: denoisers.map(fit => fit.coefficients),
    },
    diagnostics: {
      scores: shares(scoreFit),
      velocity: shares(velocityFit),
      rest: shares(restFit),
      denoiser: denoisers.map(shares),
    },
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
  const coarse = coarseTerms(theta)
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
    const terms = termsAt(theta, field.theta)
    const own = Float64Array.from(coarse, t => terms[t])
    return { field, velocities, logMass: masses, scores: normalScores(masses), terms, own }
  })
  const density = list.reduce((sum, field) => sum + field.points / volumeOf(field), 0) / list.length
  return { box, density, theta, coarse, marked }
}

/** Moments of a design whose last column the target fills. */
async function withTarget(
  product: Product<Float32Array>,
  design: Float32Array,
  target: ArrayLike<number>,
): Promise<RidgeRow['moments']> {
  const rows = target.length
  const columns = design.length / rows
  for (let row = 0; row < rows; row++) design[(row + 1) * columns - 1] = target[row]
  const matrix = { rows, columns, values: design }
  const { values } = await product(matrix, matrix)
  return { rows, packed: lowerTriangle(values, columns) }
}

/** What a field's regressions leave, in numbers. */
interface Residual {
  readonly score: number[]
  readonly flow: number[]
}

interface Rest {
  readonly score: number[]
  /** `[3 * points]` expected velocities and the rest, over the rest's rms in this field */
  readonly expected: Float64Array
  readonly rest: Float64Array
  /** of the rest over the velocities' rms squared */
  readonly variance: number
}

interface Fitted {
  readonly basis: MarkBasis
  readonly scoreFit: RidgeFit
  readonly velocityFit: RidgeFit
  /** of this field's velocities, km/s */
  readonly rms: number
}

function restOf(
  { field, velocities, scores, terms, own }: Marked,
  around: Surroundings,
  { basis, scoreFit, velocityFit, rms }: Fitted,
): Rest {
  const likely = expectedScores(around, basis, contract(scoreFit.coefficients, own))
  const left = scoreCorrelation(field.positions, field.box, scores, likely)
  const mean = expectedVelocities(around, basis, scores, contract(velocityFit.coefficients, terms))
  const rest = mean.map((value, row) => velocities[row] / rms - value)
  const variance = meanSquare(rest)
  const unit = Math.sqrt(variance)
  return {
    score: [left.variance, ...left.values],
    expected: mean.map(value => value / unit),
    rest: rest.map(value => value / unit),
    variance,
  }
}

/** A sixth of the fields, the same in every regression over as many, chooses the ridge. */
function choose(rows: readonly RidgeRow[], ridge: readonly number[], key: Key): [RidgeRow[], RidgeRow[]] {
  const order = permutation(key.split('held out'), rows.length)
  const count = ridge.length > 1 && rows.length > 1 ? Math.max(1, Math.round(rows.length / 6)) : 0
  const held = new Set(order.subarray(0, count))
  return [rows.filter((_, i) => !held.has(i)), rows.filter((_, i) => held.has(i))]
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
