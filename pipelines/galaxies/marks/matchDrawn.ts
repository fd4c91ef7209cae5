import { type Key, makeKey, UsageError } from '../../../core/index.js'
import { makeCholesky } from '../../../engine/linalg/cholesky.js'
import { makeProduct } from '../../../engine/linalg/product.js'
import { fitRidge, type RidgeRow } from '../../../generative/pairs/index.js'
import type { Field } from '../../../io/galaxies/field.js'
import { dequantise, particleMass } from './dequantise.js'
import { drawMarks } from './draw.js'
import { lowerTriangle } from './fitDenoiser.js'
import type { MarksModel } from './marksModel.js'
import { normalScores } from './scores.js'
import { makeSurroundings, velocityColumns, velocityFeatures } from './surroundings.js'
import { applyTerms, termsAt } from './thetaSpace.js'

/** A simulated field with masses and velocities, and points drawn at its theta: `[points, 3]` Mpc/h. */
export interface DrawnBeside {
  readonly field: Field
  readonly drawn: Float32Array
}

export interface MatchOptions {
  readonly seed?: number
  readonly signal?: AbortSignal
  readonly onField?: () => void
}

/**
 * The marks for points that a model draws. Velocities fitted on simulated positions are right there; drawn points have
 * the same pairs, but not quite the same surroundings, and the same coefficients make them fall together some per cent
 * too fast. What counts is the flow along pairs, `<G . v>` with G the features of the velocities: so the coefficients
 * get the change dc (in units of the rms, one for all theta: simulated and drawn fields differ by chance, too) for
 * which drawn fields have that of simulated ones:
 *
 *     <G G^T>_drawn dc = <G . v>_simulated - <G . v>_drawn
 *
 * the second with all that is drawn, noise included. It is what a rung of a ladder does (generative/ladder), for
 * velocities.
 */
export async function matchDrawn(
  model: MarksModel,
  pairs: Iterable<DrawnBeside> | AsyncIterable<DrawnBeside>,
  { seed = 0, signal, onField }: MatchOptions = {},
): Promise<MarksModel> {
  const key = makeKey(seed).split('marks of drawn points')
  const product = await makeProduct('float32', { transposeA: true })
  const columns = velocityColumns(model.basis)
  const rows: RidgeRow[] = []
  for await (const { field, drawn } of pairs) {
    signal?.throwIfAborted()
    const own = key.split(rows.length)
    const terms = termsAt(model.theta, field.theta)
    const rms = Math.exp(applyTerms(terms, model.velocity.scale)[0])
    const surround = makeSurroundings(model.basis, field.box, model.density)
    const marks = await drawMarks(model, { ...field, positions: drawn }, own.split('draw'))
    const design = velocityFeatures(surround(drawn), normalScores(marks.logMass), columns)
    const matrix = { rows: drawn.length, columns, values: design }
    const gram = lowerTriangle((await product(matrix, matrix)).values, columns)
    const ours = flowOf(design, marks.velocities, columns)
    const { velocities } = field
    if (!velocities) continue
    const simulated = velocityFeatures(surround(field.positions), scoresOf(field, own.split('particles')), columns)
    const theirs = flowOf(simulated, velocities, columns)
    const packed = new Float64Array(gram.length + columns + 1)
    packed.set(gram)
    for (let k = 0; k < columns; k++) packed[gram.length + k] = (theirs[k] - ours[k]) / rms
    packed[packed.length - 1] = drawn.length
    rows.push({ moments: { rows: drawn.length, packed }, terms: Float64Array.of(1) })
    onField?.()
    // Lets timers and signals have their turn.
    await new Promise(resolve => setImmediate(resolve))
  }
  if (rows.length === 0)
    throw new UsageError(
      'expected at least one field with velocities, and points drawn at its theta',
      'got none',
      'give some',
    )
  const { coefficients: change } = await fitRidge(
    rows,
    [],
    { penalties: [1], ridges: [model.diagnostics.velocity.ridge] },
    await makeCholesky(),
  )
  const coefficients = model.velocity.coefficients.slice()
  const constant = model.theta.terms.findIndex(term => term.length === 0)
  for (let k = 0; k < columns; k++) coefficients[constant * columns + k] += change[k]
  return { ...model, velocity: { ...model.velocity, coefficients } }
}

/** The moment of velocities `[3 * points]` with features `[3 * points, columns]`. */
function flowOf(design: Float32Array, velocities: Float32Array, columns: number): Float64Array {
  const out = new Float64Array(columns)
  for (let row = 0; row < velocities.length; row++)
    for (let k = 0, at = row * columns; k < columns; k++, at++) out[k] += velocities[row] * design[at]
  return out
}

function scoresOf({ logMass, theta }: Field, key: Key): Float64Array {
  const masses = logMass ?? new Float32Array()
  const particle = particleMass(theta.omega_m ?? Number.NaN)
  return normalScores(Number.isFinite(particle) ? dequantise(masses, particle, key) : Float64Array.from(masses))
}
