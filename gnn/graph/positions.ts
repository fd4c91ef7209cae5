import { type Box, DataError, UsageError } from '../../core/index.js'

/**
 * Refuses what no neighbour search can answer, and returns the number of points.
 *
 * @param positions flat `[points, dim]`, in the unit of the box
 * @param box       2 or 3 axes, each a positive length or null where open
 * @throws DataError naming the first point that is not finite or lies outside [0, length) on a periodic axis
 */
export function checkedPointCount(positions: Float32Array, box: Box): number {
  const dim = box.length
  if (dim !== 2 && dim !== 3) {
    throw new UsageError(
      'expected a box of 2 or 3 axes',
      `got ${dim}`,
      'give one length, or null where open, for each axis',
    )
  }
  for (const length of box) {
    if (length !== null && !(length > 0 && length < Infinity)) {
      throw new UsageError(
        'expected positive box lengths',
        `got ${length}`,
        'give the length of the period, or null for an open axis',
      )
    }
  }
  if (positions.length % dim !== 0) {
    throw new DataError(
      `expected positions as flat [points, ${dim}]`,
      `got ${positions.length} numbers, which ${dim} does not divide`,
      'give as many coordinates a point as the box has axes',
    )
  }
  for (let axis = 0; axis < dim; axis++) {
    const length = box[axis]
    const low = length === null ? -Number.MAX_VALUE : 0
    const end = length ?? Infinity
    for (let at = axis; at < positions.length; at += dim) {
      if (!(positions[at] >= low && positions[at] < end)) throw badPosition(positions[at], at, dim, length)
    }
  }
  return positions.length / dim
}

function badPosition(value: number, at: number, dim: number, length: number | null): DataError {
  const where = `got ${value} on axis ${at % dim} of point ${Math.floor(at / dim)}`
  return Number.isFinite(value)
    ? new DataError(
        `expected positions inside the periodic box [0, ${length})`,
        where,
        'wrap them (wrapPositions) or correct the box length',
      )
    : new DataError('expected finite positions', where, 'remove or repair this point')
}
