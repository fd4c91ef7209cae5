import { UsageError } from '../../core/index.js'

/**
 * Lists of noise levels for samplers, in the variance-exploding convention and the unit of the data: `steps + 1`
 * numbers, descending. With `toZero` the last one is 0, and the step to it costs every sampler here one evaluation;
 * without it the list ends at `smallest`.
 */
export interface SigmaRange {
  readonly largest: number
  readonly smallest: number
  readonly steps: number
  readonly toZero?: boolean
}

/**
 * sigma_i = (max^(1/rho) + i/(n-1) (min^(1/rho) - max^(1/rho)))^rho, Karras et al. 2022, arXiv 2206.00364, equation 5.
 * rho = 7 is their choice for images; larger values spend more steps at small noise.
 */
export function karrasSigmas(range: SigmaRange, rho = 7): number[] {
  const top = range.largest ** (1 / rho)
  const bottom = range.smallest ** (1 / rho)
  return spaced(range, u => (top + u * (bottom - top)) ** rho)
}

/** Equal ratios, that is, equal steps of log SNR = -2 log sigma: the natural spacing of exponential integrators. */
export function logUniformSigmas(range: SigmaRange): number[] {
  const top = Math.log(range.largest)
  const bottom = Math.log(range.smallest)
  return spaced(range, u => Math.exp(top + u * (bottom - top)))
}

/** Equal steps between two values of log SNR = log(alpha^2 / sigma^2) of a variance-preserving process. */
export function logSnrUniformSigmas(ends: { least: number; most: number; steps: number; toZero?: boolean }): number[] {
  const { least, most, steps, toZero } = ends
  return logUniformSigmas({ largest: sigmaOfLogSnr(least), smallest: sigmaOfLogSnr(most), steps, toZero })
}

/** Equal steps of the time of a schedule, from t = 1 to t = 0: what ancestral sampling of Kingma et al. 2021 takes. */
export function scheduleSigmas(logSnr: (t: number) => number, steps: number, toZero = false): number[] {
  const count = toZero ? steps : steps + 1
  const sigmas = Array.from({ length: count }, (_, i) => sigmaOfLogSnr(logSnr(1 - i / steps)))
  return toZero ? [...sigmas, 0] : sigmas
}

/** sigma = sqrt(1 - alpha^2) / alpha of a variance-preserving process, which is exp(-logSnr / 2). */
export function sigmaOfLogSnr(logSnr: number): number {
  return Math.exp(-logSnr / 2)
}

export function logSnrOfSigma(sigma: number): number {
  return -2 * Math.log(sigma)
}

/** Descending, positive but for a last 0, at least one step. */
export function checkSigmas(sigmas: readonly number[]): void {
  const complain = (got: string) => {
    throw new UsageError(
      'expected descending noise levels, positive but for a last 0',
      got,
      'make them with karrasSigmas',
    )
  }
  if (sigmas.length < 2) complain(`got ${sigmas.length} of them, which is no step`)
  for (let i = 0; i < sigmas.length; i++) {
    const last = i === sigmas.length - 1
    if (!Number.isFinite(sigmas[i]) || sigmas[i] < 0 || (sigmas[i] === 0 && !last))
      complain(`got ${sigmas[i]} at place ${i}`)
    if (i > 0 && !(sigmas[i] < sigmas[i - 1])) complain(`got ${sigmas[i]} after ${sigmas[i - 1]}`)
  }
}

function spaced({ largest, smallest, steps, toZero }: SigmaRange, at: (u: number) => number): number[] {
  if (!(Number.isInteger(steps) && steps >= 1)) {
    throw new UsageError(
      'expected a whole number of steps, at least 1',
      `got ${steps}`,
      'choose another number of steps',
    )
  }
  if (!(smallest > 0 && largest > smallest && Number.isFinite(largest))) {
    throw new UsageError(
      'expected 0 < smallest < largest',
      `got ${smallest} and ${largest}`,
      'choose other noise levels',
    )
  }
  const places = toZero ? steps - 1 : steps
  const sigmas = Array.from({ length: places + 1 }, (_, i) => (i === 0 ? largest : at(i / places)))
  return toZero ? [...sigmas, 0] : sigmas
}
