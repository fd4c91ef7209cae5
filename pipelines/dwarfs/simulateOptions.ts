import { UsageError } from '../../core/index.js'
import {
  type DwarfPrior,
  fewestStars,
  mixedErrors,
  priorNames,
  priorWith,
  type StarCount,
  type VelocityErrors,
} from '../../simulators/dwarfs/index.js'
import type { CommonOptions } from '../run/context.js'

/** What `stipple dwarfs simulate` takes beside the common options. */
export interface SimulateDwarfsOptions extends CommonOptions {
  readonly n: number
  /** `100`: Poisson about 100; `20:2000`: uniform in the logarithm */
  readonly stars: string
  readonly starsExact: boolean
  /** `mixed`, `none`, km/s, or `0.1:5` */
  readonly errors: string
  /** Share of stars with a companion */
  readonly binaries: number
  /** Share of foreground stars */
  readonly contaminants: number
  /** Each `gamma=0,1.5` */
  readonly prior: readonly string[]
  readonly dfClip: boolean
}

/** No galaxy may have fewer, for one star has no dispersion, or more. */
const [leastStars, mostStars] = [2, 1_000_000]

export function readStarCount({ stars, starsExact }: Pick<SimulateDwarfsOptions, 'stars' | 'starsExact'>): StarCount {
  const [low, high = low, ...rest] = numbersOf(stars, ':')
  const refuse = (got: string) =>
    new UsageError(
      'expected --stars as 100 or 20:2000, ascending and 2 to 1000000',
      `got '${got}'`,
      'correct the value',
    )
  if (rest.length > 0 || !(low >= leastStars && high >= low && high <= mostStars)) throw refuse(stars)
  if (stars.includes(':')) {
    if (starsExact) throw refuse(`${stars} with --stars-exact`)
    return { kind: 'log-uniform', low, high }
  }
  if (!starsExact) return { kind: 'poisson', mean: low }
  if (!Number.isInteger(low)) throw refuse(stars)
  return { kind: 'exact', stars: low }
}

export function describeStarCount(count: StarCount): string {
  if (count.kind === 'exact') return `${count.stars} stars each`
  if (count.kind === 'poisson') return `Poisson(${count.mean}) stars each, at least ${fewestStars}`
  return `${count.low} to ${count.high} stars each, uniform in the logarithm`
}

export function readVelocityErrors(text: string): VelocityErrors {
  if (text === 'mixed') return mixedErrors
  if (text === 'none') return { kind: 'none' }
  const [low, high, ...rest] = numbersOf(text, ':')
  if (rest.length === 0 && low > 0 && low < Number.POSITIVE_INFINITY) {
    if (high === undefined) return { kind: 'equal', error: low }
    if (high > low && high < Number.POSITIVE_INFINITY) return { kind: 'range', low, high, exactShare: 0 }
  }
  throw new UsageError('expected --errors as none, mixed, 2 or 0.1:5 in km/s', `got '${text}'`, 'correct the value')
}

/** The default prior with the intervals that were named; clipped distribution functions reach to beta_0 = 0.5. */
export function readPrior({ prior, dfClip }: Pick<SimulateDwarfsOptions, 'prior' | 'dfClip'>): DwarfPrior {
  const changes: Record<string, readonly number[]> = dfClip ? { beta_0: [-0.5, 0.5] } : {}
  for (const text of prior) {
    const equals = text.indexOf('=')
    if (equals < 1) {
      throw new UsageError(
        'expected --prior as NAME=LOW,HIGH',
        `got '${text}'`,
        `write for example gamma=0,1.5; names are ${priorNames.join(', ')}`,
      )
    }
    changes[text.slice(0, equals)] = numbersOf(text.slice(equals + 1).replace(/^\[|\]$/g, ''), ',')
  }
  const chosen = priorWith(changes)
  const limits: Partial<DwarfPrior> = {
    gamma: [-10, 2],
    beta_0: [-0.5, 0.5],
    r_star_over_r_s: [1e-3, 1e3],
    r_a_over_r_star: [1e-3, 1e6],
  }
  for (const name of priorNames) {
    const limit = limits[name]
    const [low, high] = chosen[name]
    if (!limit || (low >= limit[0] && high <= limit[1])) continue
    throw new UsageError(
      `expected the prior of ${name} within [${limit[0]}, ${limit[1]}], where the distribution function can be computed`,
      `got [${low}, ${high}]`,
      'narrow the interval',
    )
  }
  return chosen
}

function numbersOf(text: string, separator: string): number[] {
  return text.split(separator).map(part => (part.trim() === '' ? Number.NaN : Number(part)))
}
