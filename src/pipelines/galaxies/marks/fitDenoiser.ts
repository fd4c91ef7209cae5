import { type Key, normal } from '../../../core/index.js'
import type { CholeskySolver } from '../../../engine/linalg/cholesky.js'
import { makeProduct } from '../../../engine/linalg/product.js'
import { fitRidge, type RidgeRow } from '../../../generative/pairs/index.js'
import type { MarkBasis } from '../../../gnn/marks/index.js'
import type { Explained, MarksModel } from './marksModel.js'
import { skip } from './residualDenoiser.js'
import { changingFeatures, fixedFeatures, residualColumns } from './residualFeatures.js'
import type { Surroundings } from './surroundings.js'
import { coarseTerms, penaltiesOf, type ThetaSpace } from './thetaSpace.js'

/** Above the highest level little of the small scales is left, and large ones keep what the random flow gave them. */
export const RESIDUAL_LEVELS: readonly number[] = Array.from({ length: 9 }, (_, q) => 0.06 * (2 / 0.06) ** (q / 8))

/** Gathers one field after the other, then solves a ridge regression a level. */
export interface DenoiserFit {
  /** Scores, expected velocities and their rest as `residualDenoiser` takes them. */
  add(
    around: Surroundings,
    scores: Float64Array,
    expected: Float64Array,
    rest: Float64Array,
    terms: Float64Array,
  ): Promise<void>
  solve(
    choose: (rows: readonly RidgeRow[]) => [RidgeRow[], RidgeRow[]],
    ridges: readonly number[],
    solver: CholeskySolver,
  ): Promise<{ readonly model: MarksModel['denoiser']; readonly diagnostics: Explained[] }>
}

export async function makeDenoiserFit(theta: ThetaSpace, basis: MarkBasis, key: Key): Promise<DenoiserFit> {
  const product = await makeProduct('float32', { transposeA: true })
  const chosen = coarseTerms(theta)
  const all = penaltiesOf(theta)
  const penalties = chosen.map(t => all[t])
  const { fixed, changing } = residualColumns(basis)
  const columns = fixed + changing + 1
  const rows: RidgeRow[][] = RESIDUAL_LEVELS.map(() => [])
  let fields = 0
  return {
    async add(around, scores, expected, rest, terms) {
      const own = key.split(fields++)
      const design = fixedFeatures(around, basis, scores, expected, columns)
      const kept = Float64Array.from(chosen, t => terms[t])
      for (const [level, sigma] of RESIDUAL_LEVELS.entries()) {
        const noise = normal(own.split(level), rest.length)
        const y = rest.map((value, row) => value + sigma * noise[row])
        changingFeatures(around, basis, scores, y, design, columns)
        const c = skip(sigma)
        for (let row = 0; row < rest.length; row++) design[(row + 1) * columns - 1] = rest[row] - c * y[row]
        const matrix = { rows: rest.length, columns, values: design }
        const { values } = await product(matrix, matrix)
        const packed = new Float64Array((columns * (columns + 1)) / 2)
        for (let i = 0, at = 0; i < columns; i++) for (let j = 0; j <= i; j++) packed[at++] = values[i * columns + j]
        rows[level].push({ moments: { rows: rest.length, packed }, terms: kept })
      }
    },
    async solve(choose, ridges, solver) {
      const coefficients: Float64Array[] = []
      const diagnostics: Explained[] = []
      for (const level of rows) {
        const fit = await fitRidge(...choose(level), penalties, ridges, solver)
        coefficients.push(fit.coefficients)
        diagnostics.push({ train: fit.train, heldOut: fit.heldOut, ridge: fit.ridge })
      }
      return { model: { levels: RESIDUAL_LEVELS, terms: chosen, coefficients }, diagnostics }
    },
  }
}
