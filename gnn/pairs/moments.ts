import type { Key } from '../../core/index.js'
import { normal } from '../../core/index.js'
import { makeProduct } from '../../engine/linalg/product.js'
import { featureCount, type PairBasis } from './basis.js'
import { makePairFeatures } from './features.js'

/**
 * Second moments of features and noise over the rows of one cloud, one noise level: all that a least-squares fit needs.
 */
export interface Moments {
  readonly sigma: number
  /** Rows summed over: three a point and draw */
  readonly rows: number
  /**
   * Lower triangle, row by row, of `[F, e]^T [F, e]`: F the features `[rows, features]`, e the noise added, the last
   * row. So the last entry is the noise's own square sum. Summed in float64, kept in float32: a megabyte a field at 14
   * levels.
   */
  readonly packed: Float32Array
}

export type MomentsOf = (positions: Float32Array, sigma: number, key: Key) => Promise<Moments>

/** Noise for the coordinates of a cloud, in units of the noise level; `draw` counts from 0. */
export type NoiseOf = (key: Key, positions: Float32Array, draw: number) => Float32Array

/**
 * Adds noise (standard normal without `noiseOf`) to a cloud `draws` times and sums the moments; one thread, a fixed
 * order.
 */
export async function makeMoments(
  basis: PairBasis,
  draws = 1,
  noiseOf: NoiseOf = (key, { length }) => normal(key, length),
): Promise<MomentsOf> {
  const product = await makeProduct('float32', { transposeA: true })
  const features = makePairFeatures(basis)
  const columns = featureCount(basis) + 1
  let design = new Float32Array(0)

  return async (positions, sigma, key) => {
    const points = positions.length / 3
    const rows = 3 * points
    const packed = new Float64Array((columns * (columns + 1)) / 2)
    if (design.length !== rows * columns) design = new Float32Array(rows * columns)
    const noised = new Float32Array(rows)
    for (let draw = 0; draw < draws; draw++) {
      const noise = noiseOf(key.split(draw), positions, draw)
      for (let i = 0; i < rows; i++) {
        noised[i] = positions[i] + sigma * noise[i]
        design[i * columns + columns - 1] = noise[i]
      }
      features(noised, points, sigma, design, columns)
      const matrix = { rows, columns, values: design }
      const { values } = await product(matrix, matrix)
      for (let i = 0, at = 0; i < columns; i++) for (let j = 0; j <= i; j++) packed[at++] += values[i * columns + j]
    }
    return { sigma, rows: rows * draws, packed: Float32Array.from(packed) }
  }
}
