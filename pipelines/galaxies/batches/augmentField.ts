import { type Box, wrapPositions } from '../../../core/box.js'
import { type Key, permutation, randomWords, uniform } from '../../../core/key.js'
import type { Field } from '../../../io/galaxies/field.js'

/** Which symmetries of a periodic box are used. All of them where nothing is said. */
export interface Augmentation {
  /** Shifts along periodic axes, modulo the box. */
  readonly translate?: boolean
  /** Exchanges axes of equal length. */
  readonly permute?: boolean
  /** x to -x, positions modulo the box, velocities with them. */
  readonly reflect?: boolean
}

/**
 * A field seen from elsewhere: translated, its axes exchanged, reflected. Distances by minimum image stay (to
 * rounding), velocities turn with the positions, masses and theta stay. Reference: the augmentation of Cuesta-Lazaro
 * and Mishra-Sharma 2023, arXiv 2311.17141.
 *
 * @param key of (seed, epoch, index), so that a field looks different in each epoch and the same in each run
 */
export function augmentField(field: Field, key: Key, use: Augmentation = {}): Field {
  const dim = field.box.length
  const shift = use.translate === false ? new Float32Array(dim) : uniform(key.split('translate'), dim)
  const axes = use.permute === false ? identity(dim) : equalAxes(key.split('permute'), field.box)
  const flips = use.reflect === false ? new Uint32Array(dim) : randomWords(key.split('reflect'), dim)
  const signs = Array.from(flips, word => (word >>> 31 ? -1 : 1))

  const positions = new Float32Array(field.positions.length)
  for (let axis = 0; axis < dim; axis++) {
    const length = field.box[axis]
    const moved = length === null ? 0 : shift[axis] * length
    for (let i = axis, from = axes[axis]; i < positions.length; i += dim, from += dim) {
      positions[i] = signs[axis] * field.positions[from] + moved
    }
  }
  return {
    ...field,
    positions: wrapPositions(positions, field.box),
    velocities: turn(field.velocities, dim, axes, signs),
  }
}

function turn(
  vectors: Float32Array | undefined,
  dim: number,
  axes: ArrayLike<number>,
  signs: readonly number[],
): Float32Array | undefined {
  if (!vectors) return undefined
  const out = new Float32Array(vectors.length)
  for (let i = 0; i < out.length; i += dim) {
    for (let axis = 0; axis < dim; axis++) out[i + axis] = signs[axis] * vectors[i + axes[axis]]
  }
  return out
}

/** A random exchange of axes among those of the same length; axis a of the result is axis `out[a]` of the field. */
function equalAxes(key: Key, box: Box): Int32Array {
  const out = identity(box.length)
  for (const length of new Set(box)) {
    const alike = identity(box.length).filter(axis => box[axis] === length)
    const order = permutation(key.split(String(length)), alike.length)
    alike.forEach((axis, i) => {
      out[axis] = alike[order[i]]
    })
  }
  return out
}

function identity(dim: number): Int32Array {
  return Int32Array.from({ length: dim }, (_, axis) => axis)
}
