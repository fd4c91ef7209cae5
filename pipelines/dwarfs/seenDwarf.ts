import { DataError } from '../../core/index.js'
import type { Dwarf } from '../../io/dwarfs/dwarf.js'
import { plummerScale } from '../../simulators/index.js'

/**
 * A galaxy as the network sees it. Lengths are in units of the stars' Plummer radius (of greatest likelihood) and
 * velocities of their spread, so that every galaxy looks alike and two numbers tell its scales; angle on the sky and
 * sign of a velocity are left out, for under spherical symmetry they say nothing. Standardised by constants, never by
 * the batch.
 */
export interface SeenDwarf {
  readonly stars: number
  /** `[stars, starFeatures]` */
  readonly features: Float32Array
  /** `[contextFeatures]` */
  readonly context: Float32Array
  /** `[stars, 2]` in Plummer radii, for graphs */
  readonly positions: Float32Array
}

export const starFeatures = 7
export const contextFeatures = 5

/** @throws DataError where fewer than two stars count or all their velocities are equal */
export function seeDwarf(dwarf: Dwarf): SeenDwarf {
  const { stars, positions, velocities, velocityErrors, membership } = dwarf
  const weights = Float64Array.from({ length: stars }, (_, i) => membership?.[i] ?? 1)
  const members = weights.reduce((a, b) => a + b, 0)
  if (!(members > 1)) throw new DataError('expected at least two member stars', `got ${members}`, 'give more stars')
  const radii = Float64Array.from({ length: stars }, (_, i) => Math.hypot(positions[2 * i], positions[2 * i + 1]))
  const scale = plummerScale(radii, weights)
  const { mean, spread } = velocityScale(velocities, velocityErrors, weights)
  // Of equal velocities rounding leaves some 1e-16 of their size, of float32 that differ 1e-8 at least.
  if (!(spread > 1e-12 * Math.abs(mean))) {
    throw new DataError(
      'expected velocities that differ',
      `got ${velocities[0]} km/s for every star`,
      'check the column',
    )
  }
  if (!(scale > 0))
    throw new DataError('expected stars at different places', 'got most at the centre', 'check the units')
  const features = new Float32Array(stars * starFeatures)
  let errors = 0
  for (let i = 0; i < stars; i++) {
    const radius = radii[i] / scale
    const speed = Math.abs(velocities[i] - mean) / spread
    const error = velocityErrors[i] / spread
    errors += (weights[i] * Math.min(error, 10)) / members
    const logRadius = Math.log10(Math.max(radius, 1e-4))
    features.set(
      [
        Math.max(-4, logRadius / 0.4),
        2 * (radius / (1 + radius)) - 1,
        Math.min(speed, 6) - 0.8,
        Math.log10(speed + 0.05) + 0.3,
        Math.min(error, 5),
        Math.log10(error + 0.01) + 1,
        2 * weights[i] - 1,
      ],
      i * starFeatures,
    )
  }
  const context = Float32Array.of(
    (Math.log10(scale) + 0.5) / 0.7,
    (Math.log10(spread) - 1) / 0.7,
    (Math.log10(members) - 2) / 0.5,
    Math.log10(errors + 0.01) + 1,
    stars > 0 ? 2 * (members / stars) - 1 : 0,
  )
  return { stars, features, context, positions: positions.map(x => x / scale) }
}

/**
 * Mean and spread (errors included) of the velocities, km/s, each star by its membership and what its error lets it
 * tell.
 */
function velocityScale(velocities: Float32Array, errors: Float32Array, members: Float64Array) {
  const first = momentsOf(velocities, members)
  const noise = momentsOf(
    errors.map(e => e * e),
    members,
  ).mean
  const own = Math.max(first.spread ** 2 - noise, 0.1 * first.spread ** 2)
  return momentsOf(
    velocities,
    members.map((p, i) => p / (own + errors[i] ** 2)),
  )
}

function momentsOf(values: Float32Array, weights: Float64Array): { mean: number; spread: number } {
  let [total, sum] = [0, 0]
  for (let i = 0; i < values.length; i++) {
    total += weights[i]
    sum += weights[i] * values[i]
  }
  const mean = sum / total
  let square = 0
  for (let i = 0; i < values.length; i++) square += weights[i] * (values[i] - mean) ** 2
  return { mean, spread: Math.sqrt(square / total) }
}
