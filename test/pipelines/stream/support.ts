import { type Box, type Key, makeKey, normal, uniform, wrapPositions } from '../../../core/index.js'
import type { Field } from '../../../io/galaxies/field.js'

/** Lets `count` turns of the microtask queue go by: a delay without a clock. */
export async function ticks(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await Promise.resolve()
}

/** Settings of fast-check with a seed that is printed; the same each time. */
export function seeded(
  t: { comment(text: string): unknown },
  numRuns: number,
  seed = 20240611,
): { seed: number; numRuns: number } {
  t.comment(`fast-check seed ${seed}`)
  return { seed, numRuns }
}

/** A random field; `index` lands in its theta so that a batch says which field it holds. */
export function randomField(
  points: number,
  index = 0,
  box: Box = [100, 100, 100],
  key: Key = makeKey(7).split(index),
): Field {
  const positions = uniform(key.split('x'), points * 3).map((u, i) => u * (box[i % 3] ?? 100))
  return {
    points,
    positions: wrapPositions(positions, box),
    velocities: normal(key.split('v'), points * 3).map(v => 300 * v),
    logMass: uniform(key.split('m'), points)
      .map(u => 13 + u)
      .sort()
      .reverse(),
    box,
    theta: { omega_m: 0.1 + 0.01 * index, sigma_8: 0.8 },
  }
}
