import { type Key, uniform } from '../../core/index.js'
import type { ValidDistribution } from './distributionFunction.js'
import { makeDwarfModel } from './model.js'
import { plummerRadius } from './plummer.js'
import { type SpeedSampler, speedSampler } from './speeds.js'

/** Stars with all six coordinates, the line of sight along z, rotationally symmetric. */
export interface PhaseSpace {
  /** `[stars, 3]` kpc */
  readonly positions: Float64Array
  /** `[stars, 3]` km/s */
  readonly velocities: Float64Array
}

const samplers = new WeakMap<ValidDistribution, SpeedSampler>()

/**
 * Stars drawn from a distribution function: r from the Plummer profile, the speed from f_Q at that radius, the angle
 * between velocity and radius from sin^(1 - 2 beta_0), all other angles uniform.
 */
export function drawStars(key: Key, distribution: ValidDistribution, stars: number): PhaseSpace {
  const { theta, grid } = distribution
  const { rStar, rA, spherical } = makeDwarfModel(theta)
  const sampler = samplers.get(distribution) ?? speedSampler(grid)
  samplers.set(distribution, sampler)
  const u = uniform(key, [stars, 8])
  const positions = new Float64Array(3 * stars)
  const velocities = new Float64Array(3 * stars)
  const lengthPower = 2 / (1 - 2 * theta.beta_0)
  for (let i = 0; i < stars; i++) {
    const r = plummerRadius(rStar, u[8 * i])
    const w = sampler.speed(r, spherical.at(r).depth, u[8 * i + 1])
    // cos of an angle with density sin^(1 - 2 beta_0): a symmetric beta variate, Ulrich 1984 (Devroye 1986, IX.4.1,
    // theorem 4.1)
    const cosine = Math.cos(2 * Math.PI * u[8 * i + 2]) * Math.sqrt(1 - u[8 * i + 3] ** lengthPower)
    const radial = w * cosine
    const tangential = (w * Math.sqrt(1 - cosine * cosine)) / Math.sqrt(1 + (r / rA) ** 2)
    const mu = 2 * u[8 * i + 4] - 1
    const sine = Math.sqrt(1 - mu * mu)
    const phi = 2 * Math.PI * u[8 * i + 5]
    const turn = 2 * Math.PI * u[8 * i + 6]
    const [cosPhi, sinPhi] = [Math.cos(phi), Math.sin(phi)]
    // Along the unit vectors of r, theta and phi
    const south = tangential * Math.cos(turn)
    const east = tangential * Math.sin(turn)
    const away = radial * sine + south * mu
    positions[3 * i] = r * sine * cosPhi
    positions[3 * i + 1] = r * sine * sinPhi
    positions[3 * i + 2] = r * mu
    velocities[3 * i] = away * cosPhi - east * sinPhi
    velocities[3 * i + 1] = away * sinPhi + east * cosPhi
    velocities[3 * i + 2] = radial * mu - south * sine
  }
  return { positions, velocities }
}
