import { type Key, normal, type State, UsageError, uniform } from '../../../core/index.js'
import type { Schedule } from '../schedules.js'
import { sigmaOfLogSnr } from '../sigmas.js'
import type { BoundSpace } from './space.js'

/**
 * How a bound is estimated. The same plan and key give the same noise at every theta, so that differences of bounds are
 * precise.
 */
export interface BoundPlan {
  readonly key: Key
  /**
   * log SNR = -2 log sigma over t; how it falls is how often each level is drawn: importance sampling, without bias
   * whatever the shape
   */
  readonly schedule: Schedule
  readonly space: BoundSpace
  /**
   * equal parts of t, each drawn in every sweep by a pair of opposite noises at opposite places of the part; default 16
   */
  readonly strata?: number
  /** independent repetitions, at least 2: their spread within strata is the error; default 4 */
  readonly sweeps?: number
}

/** One noised batch of the plan. */
export interface NoisedDraw {
  readonly sweep: number
  readonly stratum: number
  readonly sigma: number
  /** nats a unit of square error: -slope / 2 (Kingma et al. 2021, equation 17) over the draws of a sweep */
  readonly weight: number
  /** lifted, x + sigma eps */
  readonly noised: State
  /** what -sigma times the score should have been, as x */
  readonly target: Float32Array
  /** the reference's square error, `[batch]` */
  readonly reference: Float64Array
}

export function sizesOf({ strata = 16, sweeps = 4 }: BoundPlan): { strata: number; sweeps: number; draws: number } {
  if (!(Number.isInteger(strata) && strata >= 1 && Number.isInteger(sweeps) && sweeps >= 2)) {
    throw new UsageError(
      'expected at least 1 stratum and 2 sweeps',
      `got ${strata} and ${sweeps}`,
      'the error is the spread between sweeps: take 2 or more',
    )
  }
  return { strata, sweeps, draws: 2 * strata * sweeps }
}

/** Smallest and largest sigma of a schedule. */
export function endSigmas(schedule: Schedule): { smallest: number; largest: number } {
  return { smallest: sigmaOfLogSnr(schedule.logSnr(0)), largest: sigmaOfLogSnr(schedule.logSnr(1)) }
}

/** Draw `index` of 2 strata * sweeps: sweep by sweep, stratum by stratum, the two of a pair after one another. */
export function noisedDraw(plan: BoundPlan, x: State, index: number): NoisedDraw {
  const { strata } = sizesOf(plan)
  const { schedule, space } = plan
  const stratum = Math.floor(index / 2) % strata
  const sweep = Math.floor(index / (2 * strata))
  const sign = index % 2 === 0 ? 1 : -1
  const key = plan.key.split(sweep).split(stratum)
  const [u] = uniform(key.split('t'), 1)
  const t = (stratum + (sign > 0 ? u : 1 - u)) / strata
  const sigma = sigmaOfLogSnr(schedule.logSnr(t))
  const eps = normal(key.split('eps'), x.values.length)
  const [batch, , channels] = x.shape
  const each = x.values.length / batch
  const noised = new Float32Array(eps.length)
  const target = new Float32Array(eps.length)
  const reference = new Float64Array(batch)
  for (let i = 0; i < eps.length; i++) {
    noised[i] = x.values[i] + sign * sigma * eps[i]
    // of the rounded state: at small sigma the rounding is no small part of the noise
    const aim = space.target((noised[i] - x.values[i]) / sigma, sigma, i % channels)
    target[i] = aim
    reference[Math.floor(i / each)] += space.reference(x.values[i], aim, sigma, i % channels)
  }
  const weight = -schedule.slope(t) / 2 / (2 * strata)
  return { sweep, stratum, sigma, weight, noised: { shape: x.shape, values: noised }, target, reference }
}
