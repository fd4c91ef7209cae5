import { type Key, normal, permutation, uniform } from '../../core/index.js'
import type { Dwarf } from '../../io/dwarfs/dwarf.js'
import type { DwarfsConfig } from './config.js'

type Augmentation = DwarfsConfig['augment']

/**
 * How many of a galaxy's stars are taken this time; a function of the key alone, so that batches are planned without
 * reading.
 */
export function starsTaken(key: Key, stars: number, { thin, starsLeast }: Augmentation): number {
  if (stars <= starsLeast) return stars
  const [whether, where] = uniform(key.split('thin'), 2)
  if (whether >= thin) return stars
  return Math.round(starsLeast * (stars / starsLeast) ** where)
}

/** Some of the stars, chosen blindly, and more noise in their velocities, said in their errors. */
export function augmentDwarf(
  dwarf: Dwarf,
  key: Key,
  augmentation: Augmentation,
  taken = starsTaken(key, dwarf.stars, augmentation),
): Dwarf {
  const thinned = taken < dwarf.stars ? someStars(dwarf, taken, key.split('stars')) : dwarf
  const [whether, where] = uniform(key.split('whether noise'), 2)
  return whether < augmentation.noise ? withNoise(thinned, 0.02 * 100 ** where, key.split('noise')) : thinned
}

/**
 * So many stars, chosen blindly. Of a galaxy that is mostly foreground a choice may leave no two members, which nobody
 * could look at: it is made anew, and after some times the likeliest members are taken.
 */
function someStars(dwarf: Dwarf, taken: number, key: Key): Dwarf {
  for (let choice = 0; choice < 8; choice++) {
    const order = permutation(choice === 0 ? key : key.split(choice), dwarf.stars)
    const some = pickStars(dwarf, order.subarray(0, taken))
    if (!some.membership || some.membership.reduce((sum, p) => sum + p, 0) > 1) return some
  }
  const probability = dwarf.membership ?? new Float32Array(dwarf.stars)
  const likeliest = Array.from(probability.keys()).sort((a, b) => probability[b] - probability[a])
  return pickStars(dwarf, likeliest.slice(0, taken))
}

/** The stars with these indices, in their order. */
export function pickStars(dwarf: Dwarf, indices: ArrayLike<number>): Dwarf {
  const pick = (values: Float32Array) => Float32Array.from(indices, i => values[i])
  const positions = new Float32Array(2 * indices.length)
  for (let i = 0; i < indices.length; i++) {
    positions[2 * i] = dwarf.positions[2 * indices[i]]
    positions[2 * i + 1] = dwarf.positions[2 * indices[i] + 1]
  }
  return {
    ...dwarf,
    stars: indices.length,
    positions,
    velocities: pick(dwarf.velocities),
    velocityErrors: pick(dwarf.velocityErrors),
    ...(dwarf.membership && { membership: pick(dwarf.membership) }),
  }
}

/** @param share noise added, in units of the spread of the velocities */
function withNoise(dwarf: Dwarf, share: number, key: Key): Dwarf {
  const { velocities, velocityErrors, stars } = dwarf
  const mean = velocities.reduce((a, b) => a + b, 0) / stars
  const spread = Math.sqrt(velocities.reduce((sum, v) => sum + (v - mean) ** 2, 0) / stars)
  const noise = normal(key, stars)
  const added = share * spread
  return {
    ...dwarf,
    velocities: velocities.map((v, i) => v + added * noise[i]),
    velocityErrors: velocityErrors.map(e => Math.hypot(e, added)),
  }
}
