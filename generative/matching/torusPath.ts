import { type Box, type Key, minimumImage, permutation, UsageError, uniform } from '../../core/index.js'
import { matchPoints } from './periodicMatching.js'

/** Which data point a base point moves to: the optimal one over the cloud, or any. */
export type Coupling = 'matched' | 'random'

/** Shortest ways from uniform points to the points of one cloud. */
export interface TorusPaths {
  /** `[points, dim]` uniform in the box, in the order of the cloud's points */
  readonly base: Float32Array
  /** `[points, dim]` from base to data by minimum image: the velocity, constant along each way */
  readonly velocity: Float32Array
}

/** Draws the base of a cloud `[points, dim]` and couples it with the cloud. All axes must be periodic. */
export function torusPaths(key: Key, data: Float32Array, box: Box, coupling: Coupling): TorusPaths {
  const lengths = periodicLengths(box)
  const dim = lengths.length
  const points = data.length / dim
  const drawn = uniform(key.split('base'), data.length).map((u, i) => u * lengths[i % dim])
  const partner = coupling === 'matched' ? matchPoints(data, drawn, lengths) : permutation(key.split('pairs'), points)
  const base = new Float32Array(data.length)
  const velocity = new Float32Array(data.length)
  for (let i = 0; i < data.length; i++) {
    base[i] = drawn[dim * partner[Math.floor(i / dim)] + (i % dim)]
    velocity[i] = minimumImage(data[i] - base[i], lengths[i % dim])
  }
  return { base, velocity }
}

/** x_t = base + t velocity, not wrapped; t from 0 (base) to 1 (an image of the data). */
export function alongPaths({ base, velocity }: TorusPaths, t: number): Float32Array {
  return base.map((x, i) => x + t * velocity[i])
}

/**
 * The same ways as noise: data + sigma * noise at sigma = (1 - t) * scale is x_t, up to an image. The velocity of a
 * cloud expected at x_t is -scale times the noise expected there.
 */
export function pathNoise({ velocity }: TorusPaths, scale: number): Float32Array {
  return velocity.map(v => -v / scale)
}

export function periodicLengths(box: Box): number[] {
  return box.map(length => {
    if (length !== null) return length
    throw new UsageError(
      'expected a periodic box for flow matching',
      `got ${JSON.stringify(box)}`,
      'use another objective',
    )
  })
}
