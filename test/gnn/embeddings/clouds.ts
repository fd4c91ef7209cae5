import * as tf from '@tensorflow/tfjs'
import { type CloudInput, type Key, normal, permutation } from '../../../core/index.js'

/** Stars on the sky with a velocity and an error each, before features and neighbours are made of them. */
export interface Stars {
  /** `[cloud][star]`, the first two of each star its place, then velocity and error */
  readonly clouds: readonly (readonly (readonly number[])[])[]
  readonly condition: readonly (readonly number[])[]
  /** padded to so many stars */
  readonly slots: number
  /** what stands in the padding */
  readonly padding: number
}

export const k = 3

export function randomStars(key: Key, counts: readonly number[] = [9, 6, 7], slots = 9): Stars {
  const clouds = counts.map((count, c) => {
    const values = normal(key.split('stars').split(c), [count, 4])
    return Array.from({ length: count }, (_, i) => Array.from(values.subarray(4 * i, 4 * i + 4)))
  })
  const condition = counts.map((_, c) => Array.from(normal(key.split('condition').split(c), 2)))
  return { clouds, condition, slots, padding: 0 }
}

/** What an embedding sees: log R, v and error as features, the k nearest stars as senders. */
export function inputOf({ clouds, condition, slots, padding }: Stars): CloudInput {
  const batch = clouds.length
  const input = {
    positions: tf.buffer([batch, slots, 2]),
    features: tf.buffer([batch, slots, 3]),
    mask: tf.buffer([batch, slots]),
    senders: tf.buffer([batch, slots, k], 'int32'),
    displacements: tf.buffer([batch, slots, k, 2]),
  }
  for (const [c, stars] of clouds.entries()) {
    for (let i = 0; i < slots; i++) {
      const [x, y, v, error] = stars[i] ?? [padding, padding, padding, padding]
      input.mask.set(i < stars.length ? 1 : 0, c, i)
      input.positions.set(x, c, i, 0)
      input.positions.set(y, c, i, 1)
      for (const [f, value] of [Math.log(Math.hypot(x, y) + 0.1), v, error].entries())
        input.features.set(value, c, i, f)
      const found = stars
        .map(([ox, oy], j) => ({ j, d: [ox - x, oy - y] }))
        .filter(({ j }) => j !== i)
        .sort((a, b) => Math.hypot(...a.d) - Math.hypot(...b.d))
      for (let slot = 0; slot < k; slot++) {
        input.senders.set(found[slot].j, c, i, slot)
        for (const axis of [0, 1]) input.displacements.set(found[slot].d[axis], c, i, slot, axis)
      }
    }
  }
  const tensors = Object.fromEntries(Object.entries(input).map(([name, buffer]) => [name, buffer.toTensor()]))
  return { ...(tensors as unknown as CloudInput), condition: tf.tensor2d(condition.map(row => [...row])) }
}

export function shuffled(stars: Stars, key: Key): Stars {
  const clouds = stars.clouds.map((cloud, c) => Array.from(permutation(key.split(c), cloud.length), i => cloud[i]))
  return { ...stars, clouds }
}

/** Turned on the sky by an angle, and mirrored. */
export function turned(stars: Stars, angle: number): Stars {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
  const turn = ([x, y, ...rest]: readonly number[]): number[] => [cos * x + sin * y, sin * x - cos * y, ...rest]
  return { ...stars, clouds: stars.clouds.map(cloud => cloud.map(turn)) }
}
