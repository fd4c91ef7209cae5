import { type Box, type State, UsageError } from '../../../core/index.js'
import { torusPriorKl, wrappedNormal } from '../torus.js'

/**
 * Where the noise of a bound lives: what is to be predicted from a noised state, the prior term at the largest sigma,
 * and a smooth function like the error of a good denoiser, whose mean is known. The bound is estimated as the known
 * mean plus the difference, which varies little.
 */
export interface BoundSpace {
  /** -sigma grad log q(z | x) of an entry with noise `noise` = (z - x) / sigma: the noise itself in open space */
  target(noise: number, sigma: number, channel: number): number
  /** The reference's square error of an entry, in units of sigma^2 as the model's. */
  reference(x: number, target: number, sigma: number, channel: number): number
  /** Its mean over noise, integrated over log sigma between the ends, of each cloud of x, `[batch]`. */
  referenceIntegral(x: State, smallest: number, largest: number): Float64Array
  /** KL(q(z | x) || base) at the largest sigma, nats a cloud, `[batch]` */
  prior(x: State, largest: number): Float64Array
}

/** Mean and variance of the data, one a channel or one for all. */
export interface DataMoments {
  readonly mean: number | readonly number[]
  readonly variance: number | readonly number[]
}

/**
 * Open space. The base at the largest sigma is N(mean, variance + sigma^2) in every entry, and the reference is the
 * exact denoiser of N(mean, variance), whose bound is closed form. A variational diffusion model (Kingma et al. 2021,
 * arXiv 2107.00630) is the case mean 0, variance 1 in the network's units: with z = alpha x + sigma eps of variance
 * preserved, z / alpha is this process and its base N(0, 1 / alpha^2) = N(0, 1 + sigma^2).
 */
export function openSpace({ mean, variance }: DataMoments = { mean: 0, variance: 1 }): BoundSpace {
  const at = (value: number | readonly number[], channel: number) =>
    typeof value === 'number' ? value : value[channel]
  for (const v of [variance].flat()) {
    if (!(v > 0))
      throw new UsageError('expected a positive variance of the data', `got ${v}`, 'pass that of the training data')
  }
  const sumOver = (x: State, term: (away2: number, v: number) => number) =>
    perCloud(x, (value, channel) => term((value - at(mean, channel)) ** 2, at(variance, channel)))
  return {
    target: noise => noise,
    reference: (x, target, sigma, channel) => {
      const v = at(variance, channel)
      return ((v * target + sigma * (at(mean, channel) - x)) / (v + sigma ** 2)) ** 2
    },
    // integral over log sigma = ds / 2s, s = sigma^2, of (v^2 + s away^2) / (v + s)^2
    referenceIntegral: (x, smallest, largest) => {
      const primitive = (s: number, away2: number, v: number) => (Math.log(s / (v + s)) + (v - away2) / (v + s)) / 2
      return sumOver(x, (away2, v) => primitive(largest ** 2, away2, v) - primitive(smallest ** 2, away2, v))
    },
    // KL(N(x, s) || N(mean, v + s))
    prior: (x, largest) => {
      const s = largest ** 2
      return sumOver(x, (away2, v) => (Math.log1p(v / s) + (away2 - v) / (v + s)) / 2)
    },
  }
}

/**
 * A periodic box: wrapped noise, uniform base. The reference is a share (v / (v + sigma^2))^2 of the target's square:
 * what a denoiser leaves of data that vary on the scale sqrt(v).
 *
 * @param scale length on which the data vary, unit of the box; a matter of precision alone
 * @throws UsageError for an open axis
 */
export function torusSpace(box: Box, scale = Math.min(...box.map(length => length ?? 0)) / 10): BoundSpace {
  const lengths = box.map(length => {
    if (length === null)
      throw new UsageError('expected a box periodic in every axis', 'got an open one', 'use openSpace')
    return length
  })
  const share = (sigma: number) => (scale ** 2 / (scale ** 2 + sigma ** 2)) ** 2
  return {
    target: (noise, sigma, axis) => -sigma * wrappedNormal(sigma * noise, sigma, lengths[axis]).score,
    reference: (_, target, sigma) => share(sigma) * target ** 2,
    referenceIntegral: (x, smallest, largest) => {
      const integrals = lengths.map(length =>
        simpson(
          Math.log(smallest),
          Math.log(largest),
          400,
          log => share(Math.exp(log)) * meanSquareTarget(Math.exp(log), length),
        ),
      )
      return perCloud(x, (_, axis) => integrals[axis])
    },
    prior: (x, largest) => {
      const axes = lengths.map(length => torusPriorKl(largest, length))
      return perCloud(x, (_, axis) => axes[axis])
    },
  }
}

/**
 * E target^2 on a circle: 1 while sigma is far below the length; then by the trapezoidal rule, which converges
 * geometrically on a period.
 */
export function meanSquareTarget(sigma: number, length: number): number {
  if (sigma < 0.06 * length) return 1
  const nodes = 128
  let sum = 0
  for (let node = 0; node < nodes; node++) {
    const { logProb, score } = wrappedNormal((node / nodes - 0.5) * length, sigma, length)
    sum += (Math.exp(logProb) * (sigma * score) ** 2 * length) / nodes
  }
  return sum
}

function perCloud(x: State, term: (value: number, channel: number) => number): Float64Array {
  const [batch, points, channels] = x.shape
  const each = points * channels
  return Float64Array.from({ length: batch }, (_, cloud) => {
    let sum = 0
    for (let i = 0; i < each; i++) sum += term(x.values[cloud * each + i], i % channels)
    return sum
  })
}

/** Simpson's rule with an even number of intervals. */
function simpson(from: number, to: number, intervals: number, f: (u: number) => number): number {
  const step = (to - from) / intervals
  let sum = f(from) + f(to)
  for (let i = 1; i < intervals; i++) sum += (i % 2 === 1 ? 4 : 2) * f(from + i * step)
  return (sum * step) / 3
}
