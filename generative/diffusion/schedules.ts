import { type Key, UsageError, uniform } from '../../core/index.js'
import { normalInverseCdf } from '../posterior/standardNormal.js'

/** log SNR over t in [0, 1], falling: t = 0 is the data, t = 1 the noise. */
export interface Schedule {
  readonly name: string
  logSnr(t: number): number
  /** d logSnr / dt, negative */
  slope(t: number): number
}

/**
 * log SNR at the two ends, most > least. Kingma et al. 2021 train images in about [13.3, -5], halo fields in [8, -14].
 */
export interface LogSnrEnds {
  readonly most: number
  readonly least: number
}

/** A straight line in log SNR, Kingma et al. 2021, arXiv 2107.00630, appendix H ("learned linear" begins here). */
export function linearLogSnr({ most, least }: LogSnrEnds): Schedule {
  checkEnds(most, least)
  return { name: 'linear', logSnr: t => most + (least - most) * t, slope: () => least - most }
}

/**
 * alpha = cos(u), u = a t + b: Nichol and Dhariwal 2021, arXiv 2102.09672, equation 17, cut off at the two ends as
 * Salimans and Ho 2022, arXiv 2202.00512, do: logSnr = -2 log tan(u).
 */
export function cosineLogSnr({ most, least }: LogSnrEnds): Schedule {
  checkEnds(most, least)
  const first = Math.atan(Math.exp(-most / 2))
  const width = Math.atan(Math.exp(-least / 2)) - first
  return {
    name: 'cosine',
    logSnr: t => -2 * Math.log(Math.tan(first + width * t)),
    slope: t => (-4 * width) / Math.sin(2 * (first + width * t)),
  }
}

/** sigma(t) of Karras et al. 2022, arXiv 2206.00364, equation 5, t = 1 at the largest sigma (variance exploding). */
export function karrasSchedule({ largest, smallest }: { largest: number; smallest: number }, rho = 7): Schedule {
  checkEnds(-2 * Math.log(smallest), -2 * Math.log(largest))
  const bottom = smallest ** (1 / rho)
  const rise = largest ** (1 / rho) - bottom
  return {
    name: 'karras',
    logSnr: t => -2 * rho * Math.log(bottom + rise * t),
    slope: t => (-2 * rho * rise) / (bottom + rise * t),
  }
}

/**
 * The noise levels that Karras et al. 2022 train on (table 1): log sigma ~ N(mean, sd^2), here by its quantile at t, so
 * that even times give it. Cut to the middle 1 - 2 cut of the distribution: a schedule needs ends.
 */
export function edmTraining({ mean = -1.2, sd = 1.2, cut = 1e-3 } = {}): Schedule {
  if (!(sd > 0 && cut > 0 && cut < 0.5)) {
    throw new UsageError('expected sd > 0 and 0 < cut < 1/2', `got ${sd} and ${cut}`, 'choose others')
  }
  const quantile = (t: number) => normalInverseCdf(cut + (1 - 2 * cut) * t)
  return {
    name: 'edm',
    logSnr: t => -2 * (mean + sd * quantile(t)),
    slope: t => (-2 * sd * (1 - 2 * cut) * Math.sqrt(2 * Math.PI)) / Math.exp(-(quantile(t) ** 2) / 2),
  }
}

/**
 * The slope of a model with `steps` steps: with it the diffusion term of `vdmLoss`, at times t = i / steps, is the
 * bound of the ancestral sampler with that many steps. Kingma et al. 2021, equation 14.
 */
export function discreteSlope(schedule: Schedule, t: number, steps: number): number {
  return -steps * Math.expm1(schedule.logSnr(t - 1 / steps) - schedule.logSnr(t))
}

/** Independent times in (0, 1), `[count]`. */
export function independentTimes(key: Key, count: number): Float32Array {
  return uniform(key, count)
}

/**
 * Times that share one draw u: (u + i / count) mod 1. Each is uniform, together they cover [0, 1] evenly, which removes
 * most of the loss's variance over time. Kingma et al. 2021, arXiv 2107.00630, appendix I.1.
 */
export function antitheticTimes(key: Key, count: number): Float32Array {
  const first = uniform(key, 1)[0]
  return Float32Array.from({ length: count }, (_, i) => (first + i / count) % 1)
}

function checkEnds(most: number, least: number): void {
  if (Number.isFinite(most) && Number.isFinite(least) && most > least) return
  throw new UsageError(
    'expected log SNR to fall from most to least',
    `got ${most} and ${least}`,
    'exchange or widen the ends',
  )
}
