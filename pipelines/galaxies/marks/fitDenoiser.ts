import { type Key, normal } from '../../../core/index.js'
import { makeProduct } from '../../../engine/linalg/product.js'
import type { RidgeFit, RidgeRow } from '../../../generative/pairs/index.js'
import type { MarkBasis } from '../../../gnn/marks/index.js'
import { type KnownCloud, skip } from './residualDenoiser.js'
import { changingFeatures, residualColumns } from './residualFeatures.js'
import type { Surroundings } from './surroundings.js'

/** Above the highest level little of the small scales is left, and large ones keep what the random flow gave them. */
export const residualLevels: readonly number[] = Array.from({ length: 9 }, (_, q) => 0.06 * (2 / 0.06) ** (q / 8))

/** Gathers the noised rests of one field after the other, then solves a ridge regression a level. */
export interface DenoiserFit {
  /**
   * @param cloud `features` with one column more than `fixed + changing`, which is overwritten
   * @param left  what is to be found, of variance 1
   */
  add(around: Surroundings, cloud: KnownCloud, left: Float64Array): Promise<void>
  solve(fit: (rows: readonly RidgeRow[]) => Promise<RidgeFit>): Promise<RidgeFit[]>
}

export async function makeDenoiserFit(basis: MarkBasis, key: Key): Promise<DenoiserFit> {
  const product = await makeProduct('float32', { transposeA: true })
  const { fixed, changing } = residualColumns(basis)
  const columns = fixed + changing + 1
  const rows: RidgeRow[][] = residualLevels.map(() => [])
  let fields = 0
  return {
    async add(around, { scores, features, terms }, left) {
      const own = key.split(fields++)
      for (const [level, sigma] of residualLevels.entries()) {
        const noise = normal(own.split(level), left.length)
        const y = left.map((value, row) => value + sigma * noise[row])
        changingFeatures(around, basis, scores, y, features, columns)
        const c = skip(sigma)
        for (let row = 0; row < left.length; row++) features[(row + 1) * columns - 1] = left[row] - c * y[row]
        const matrix = { rows: left.length, columns, values: features }
        const { values } = await product(matrix, matrix)
        rows[level].push({ moments: { rows: left.length, packed: lowerTriangle(values, columns) }, terms })
      }
    },
    async solve(fit) {
      const found: RidgeFit[] = []
      for (const level of rows) found.push(await fit(level))
      return found
    },
  }
}

/** Row by row, as `fitRidge` takes moments; in float32 as they came. */
export function lowerTriangle(values: Float32Array, columns: number): Float32Array {
  const out = new Float32Array((columns * (columns + 1)) / 2)
  for (let i = 0, at = 0; i < columns; i++) for (let j = 0; j <= i; j++) out[at++] = values[i * columns + j]
  return out
}
