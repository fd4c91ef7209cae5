import type { Box } from './box.js'

/**
 * A batch of clouds of points, flat and row-major, with the box and the units that belong to it.
 * Clouds of fewer points are padded; `mask` is 1 where a point is real.
 */
export interface CloudBatch {
  readonly batch: number
  readonly points: number
  readonly dim: number
  /** `[batch, points, dim]` */
  readonly positions: Float32Array
  /** `[batch, points, channels]` */
  readonly features: Float32Array
  readonly channels: readonly Channel[]
  /** `[batch, points]`, 1 or 0 */
  readonly mask: Uint8Array
  /** `[batch, names.length]` */
  readonly theta: Float32Array
  readonly names: readonly string[]
  readonly box: Box
  readonly unit: string
}

/** What a feature channel is: `velocities_x` in km/s, `log_mass` in log10 Msun/h. */
export interface Channel {
  readonly name: string
  readonly unit: string
}

/** Number of real points of one cloud. */
export function countPoints(mask: Uint8Array, points: number, index: number): number {
  let count = 0
  for (let i = index * points; i < (index + 1) * points; i++) count += mask[i]
  return count
}
