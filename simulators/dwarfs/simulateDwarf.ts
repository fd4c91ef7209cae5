import { DataError, type Key, normal, uniform, WorkError } from '../../core/index.js'
import type { Dwarf } from '../../io/dwarfs/dwarf.js'
import { drawBinaryVelocities } from './binaries.js'
import { mixForeground } from './contaminants.js'
import { distributionFunction, type NegativeDistribution, type ValidDistribution } from './distributionFunction.js'
import { type DwarfPrior, type DwarfTheta, fromUnitCube } from './prior.js'
import { drawStarCount, type StarCount } from './starCount.js'
import { drawStars } from './stars.js'
import { drawVelocityErrors, mixedErrors, type VelocityErrors } from './velocityErrors.js'

/** How a galaxy is observed. */
export interface DwarfOptions {
  /** A number is that of every galaxy */
  readonly stars: StarCount | number
  /** Default `mixedErrors` */
  readonly errors?: VelocityErrors
  /** Share of stars with a companion, whose motion is in the velocity; default 0 */
  readonly binaries?: number
  /** Share of stars of the foreground; with it every star has a membership, and two at least stay members; default 0 */
  readonly contaminants?: number
  /** Set a negative distribution function to zero in place of refusing it; default false */
  readonly clip?: boolean
}

/** theta has no distribution function: it is negative somewhere. */
export class NoDistribution extends DataError {
  constructor(readonly found: NegativeDistribution) {
    super(
      'expected a galaxy whose distribution function is nowhere negative',
      `got one below zero at r = ${found.radius.toPrecision(3)} kpc (${(100 * found.share).toPrecision(2)}% of the stars)`,
      'lower beta_0, raise r_a, or clip it',
    )
  }
}

/**
 * The stars of one galaxy as they would be measured. The same key gives the same stars.
 *
 * @throws NoDistribution where no distribution of orbits gives this theta; `distributionFunction` returns that as a
 *   value
 */
export function simulateDwarf(key: Key, theta: DwarfTheta, options: DwarfOptions): Dwarf {
  const distribution = distributionFunction(theta, { clip: options.clip })
  if (distribution.kind === 'negative') throw new NoDistribution(distribution)
  return observe(key, distribution, options)
}

/** As `simulateDwarf`, from a distribution function that has been computed already. */
export function observe(key: Key, distribution: ValidDistribution, options: DwarfOptions): Dwarf {
  return observeAndCount(key, distribution, options).dwarf
}

/** `redrawn`: foregrounds that were drawn before and left fewer than two members. */
function observeAndCount(
  key: Key,
  distribution: ValidDistribution,
  options: DwarfOptions,
): { dwarf: Dwarf; redrawn: number } {
  const stars = drawStarCount(key.split('count'), options.stars)
  const { positions: space, velocities: motion } = drawStars(key.split('stars'), distribution, stars)
  const velocityErrors = drawVelocityErrors(key.split('errors'), options.errors ?? mixedErrors, stars)
  const noise = normal(key.split('noise'), stars)
  const companions = options.binaries ? drawBinaryVelocities(key.split('binaries'), options.binaries, stars) : undefined
  const positions = new Float32Array(2 * stars)
  const velocities = new Float32Array(stars)
  for (let i = 0; i < stars; i++) {
    positions[2 * i] = space[3 * i]
    positions[2 * i + 1] = space[3 * i + 1]
    velocities[i] = motion[3 * i + 2] + (companions?.[i] ?? 0) + velocityErrors[i] * noise[i]
  }
  const { theta } = distribution
  if (!options.contaminants) return { dwarf: { stars, positions, velocities, velocityErrors, theta }, redrawn: 0 }
  const stellar = { positions, velocities, velocityErrors }
  const { membership, redrawn } = mixForeground(key.split('foreground'), options.contaminants, theta, stellar)
  return { dwarf: { stars, positions, velocities, velocityErrors, membership, theta }, redrawn }
}

export interface DrawnDwarf extends Dwarf {
  /** theta that were drawn before and had no distribution function */
  readonly rejected: number
  /** foregrounds that were drawn before and left fewer than two members */
  readonly redrawn: number
}

const mostDraws = 2000

/**
 * A galaxy from the prior: theta is drawn anew until it has a distribution function.
 *
 * @throws WorkError where none of 2000 has one
 */
export function drawDwarf(key: Key, prior: DwarfPrior, options: DwarfOptions): DrawnDwarf {
  for (let rejected = 0; rejected < mostDraws; rejected++) {
    const theta = fromUnitCube(uniform(key.split('theta').split(rejected), 6), prior)
    const distribution = distributionFunction(theta, { clip: options.clip })
    if (distribution.kind !== 'valid') continue
    const { dwarf, redrawn } = observeAndCount(key, distribution, options)
    return { ...dwarf, rejected, redrawn }
  }
  throw new WorkError(
    'expected a prior in which some galaxies have a distribution function',
    `got none among ${mostDraws} draws`,
    'allow a lower beta_0 or a larger r_a_over_r_star, or pass --df-clip',
  )
}
