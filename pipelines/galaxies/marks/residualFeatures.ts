import type { MarkBasis } from '../../../gnn/marks/index.js'
import {
  addShellSum,
  longitudinalModes,
  pairMarkCount,
  pairTensorCount,
  pairTensors,
  pairVectors,
  shellFeatures,
} from '../../../gnn/marks/index.js'
import type { PairBasis } from '../../../gnn/pairs/index.js'
import { applyFeatures, type Surroundings } from './surroundings.js'

/**
 * What the rest of the velocities (over its rms) is regressed on at a noise level: vectors that the points carry, the
 * expected velocities m and the noised rest y, each alone, times what the point is, summed over near pairs along and
 * across, and smoothed as a longitudinal field; and the plain pair vectors. All turn with the cloud.
 */
export function residualColumns(basis: MarkBasis): { readonly fixed: number; readonly changing: number } {
  const changing = ownColumns + 4 * basis.residualSplines + basis.shells.length
  return { fixed: changing + basis.residualSplines, changing }
}

const ownColumns = 4

/** Columns that do not depend on y, in front; `[3 * points, columns]`. */
export function fixedFeatures(
  around: Surroundings,
  basis: MarkBasis,
  scores: Float64Array,
  expected: Float64Array,
  columns: number,
): Float32Array {
  const out = new Float32Array(3 * around.points * columns)
  const { fixed, changing } = residualColumns(basis)
  carried({ around, basis, scores, vectors: expected, out, columns, at: 0 })
  const pairs = { basis: coarse(around.basis, basis), gates: [[0, 0] as const], width: 1 }
  const channels = new Float64Array(around.points).fill(around.thinning)
  if (pairMarkCount(pairs) !== fixed - changing) throw new RangeError('columns of plain pair vectors')
  // the receiver's channel multiplies as well: the square root twice
  pairVectors(around.pairs, { ...pairs, channels: channels.map(Math.sqrt) }, out, columns, changing)
  return out
}

/** Columns of y, behind the fixed ones. */
export function changingFeatures(
  around: Surroundings,
  basis: MarkBasis,
  scores: Float64Array,
  y: ArrayLike<number>,
  out: Float32Array,
  columns: number,
): void {
  carried({ around, basis, scores, vectors: y, out, columns, at: residualColumns(basis).fixed })
}

/**
 * All columns times `weights`, `[3 * points]`, the changing ones of `y`: as `changingFeatures` and a product, but the
 * shells are summed before their transforms, which are most of the work.
 */
export function weighFeatures(
  around: Surroundings,
  basis: MarkBasis,
  scores: Float64Array,
  y: ArrayLike<number>,
  features: Float32Array,
  columns: number,
  weights: Float64Array,
): Float64Array {
  const { shells, placement } = around
  const rest = columns - shells.nodes.length
  near({ around, basis, scores, vectors: y, out: features, columns, at: residualColumns(basis).fixed })
  const out = applyFeatures(features, columns, weights.subarray(0, rest))
  addShellSum(shells, placement, longitudinalModes(shells, placement, y), 'along', weights.subarray(rest), out)
  return out
}

/** Vectors that the points carry, and the column from which on features are written of them. */
interface Carried {
  readonly around: Surroundings
  readonly basis: MarkBasis
  readonly scores: Float64Array
  readonly vectors: ArrayLike<number>
  /** `[3 * points, columns]` */
  readonly out: Float32Array
  readonly columns: number
  readonly at: number
}

function carried(all: Carried): void {
  const { vectors, out, columns } = all
  const { shells, placement } = all.around
  const to = near(all)
  shellFeatures(shells, placement, longitudinalModes(shells, placement, vectors), 'along', out, columns, to)
}

/** Vectors alone and over near pairs; returns the column behind them. */
function near({ around, basis, scores, vectors, out, columns, at }: Carried): number {
  const { points, environments, pairs, thinning } = around
  for (let i = 0; i < points; i++)
    for (let axis = 0; axis < 3; axis++) {
      const to = (3 * i + axis) * columns + at
      const value = vectors[3 * i + axis]
      out[to] = value
      out[to + 1] = scores[i] * value
      out[to + 2] = environments[2 * i] * value
      out[to + 3] = environments[2 * i + 1] * value
    }
  const own = coarse(around.basis, basis)
  pairTensors(pairs, own, vectors, thinning, out, columns, at + ownColumns)
  return at + ownColumns + pairTensorCount(own)
}

function coarse(basis: PairBasis, { residualSplines }: MarkBasis): PairBasis {
  return { ...basis, splines: residualSplines }
}
