import { type Key, UsageError } from '../../../core/index.js'
import { asTarget, type Density } from '../asTarget.js'
import { solveLower, timesLower } from '../cholesky.js'
import { type RandomStream, randomStream } from '../randomStream.js'
import type { Target } from '../target.js'
import { type Verdict, verdictOn } from '../verdict.js'
import { type Judgement, judge } from './approximation.js'
import { type Gaussian, type GaussianKind, gaussian, scaledIdentity } from './gaussian.js'

export interface GaussianFitOptions {
  readonly kind: GaussianKind
  /** default 300 */
  readonly steps?: number
  /** draws a step, an even number; default 64 */
  readonly draws?: number
  /** where the fit begins; default N(0, I), as the prior is */
  readonly start?: { readonly mean: Float64Array; readonly lower: Float64Array }
  /**
   * number of fits, from means drawn from the start, the first from its own; the one with the largest bound is
   * returned. Default 1
   */
  readonly starts?: number
}

export interface GaussianFit {
  readonly fit: Gaussian
  /** the bound at each step, by that step's draws, nats */
  readonly elbos: Float64Array
  /**
   * The largest distance between the means of fits from different starts, in deviations of the one returned; some 0.1
   * where all agree, and many where there are several modes.
   */
  readonly disagreement: number
}

/** Of a fit by a plain log-density. */
export interface GaussianRequest extends Partial<GaussianFitOptions> {
  readonly key: Key
  /** coordinates of a point; a `Target` has its own */
  readonly dim?: number
  /** worker threads of a tfjs program; default 1 */
  readonly threads?: number
}

/** A fit, what it is worth, and whether to believe it. */
export interface JudgedGaussianFit extends GaussianFit, Verdict {
  readonly judgement: Judgement
}

/** Steps at most this far, in units of the approximation's own deviations. */
const largestStep = 0.5
const firstRate = 0.3
const lastRate = 0.01

/**
 * Variational inference with a Gaussian: the largest evidence lower bound, by the reparametrised gradient (Kucukelbir
 * et al. 2017, arXiv 1603.00788) in the form that vanishes draw by draw where the fit is exact (Roeder, Wu and Duvenaud
 * 2017, arXiv 1703.09194), along the natural gradient of mean and Cholesky factor (Tan 2021, arXiv 2109.00375): in the
 * approximation's own coordinates, so that a target's scales do not matter. The last quarter of the steps is averaged.
 *
 *     const { fit, judgement, verdict } = await fitGaussian(z => tf.sum(tf.square(z), 1).mul(-0.5), {
 *       dim: 2,
 *       key: makeKey(0),
 *     })
 *     fit.mean         // near [0, 0]
 *     judgement.elbo   // near ln Z = ln(2 pi)
 *
 * With a target: `fitGaussian(target, key, { kind: 'full-rank' })`, without the verdict.
 *
 * @throws UsageError for a target without gradient
 */
export function fitGaussian(density: Density, request: GaussianRequest): Promise<JudgedGaussianFit>
export function fitGaussian(target: Target, key: Key, options: GaussianFitOptions): Promise<GaussianFit>
export async function fitGaussian(
  density: Density,
  second: Key | GaussianRequest,
  options: GaussianFitOptions = usualFit,
): Promise<GaussianFit> {
  const { key, dim, threads, ...chosen } = 'key' in second ? second : { key: second }
  const target = await asTarget(density, dim, { threads, rows: compiledRows })
  try {
    if (!('key' in second)) return await fitFromStarts(target, key, options)
    const found = await fitFromStarts(target, key, { ...usualFit, ...chosen })
    const judgement = await judge(target, found.fit, judgementDraws, key.split('judge'))
    const judged: JudgedGaussianFit = { ...found, judgement, ...gaussianVerdict(found, judgement) }
    return judged
  } finally {
    await target.close()
  }
}

const usualFit: GaussianFitOptions = { kind: 'full-rank', starts: 3 }
/** Points of one compiled call of a tfjs program. */
const compiledRows = 64
const judgementDraws = 2000

function gaussianVerdict({ disagreement }: GaussianFit, { elbo, elboError, importance }: Judgement): Verdict {
  const problems: string[] = []
  if (!importance.reliable) {
    problems.push(
      `the target is not close to a Gaussian (Pareto's k ${importance.paretoK.toFixed(2)}): draw by a sampler, or fit a flow`,
    )
  }
  if (!(disagreement < 1)) {
    problems.push(
      `fits from different starts lie ${disagreement.toFixed(1)} deviations apart: there are several modes, or take more steps`,
    )
  }
  return verdictOn('this fit', `bound ${elbo.toFixed(2)} +- ${elboError.toFixed(2)}`, problems)
}

async function fitFromStarts(target: Target, key: Key, options: GaussianFitOptions): Promise<GaussianFit> {
  const { dim } = target
  const { start = { mean: new Float64Array(dim), lower: scaledIdentity(dim) }, starts = 1 } = options
  const fits: { readonly fit: Gaussian; readonly elbos: Float64Array }[] = []
  for (let i = 0; i < starts; i++) {
    const random = randomStream(key.split(i))
    const y = start.mean.map(() => (i === 0 ? 0 : random.normal()))
    const shift = timesLower(start.lower, y, new Float64Array(dim))
    fits.push(await fitOnce(target, { ...start, mean: start.mean.map((m, d) => m + shift[d]) }, random, options))
  }
  const settled = ({ elbos }: { elbos: Float64Array }) => {
    const last = elbos.subarray(Math.floor(elbos.length * 0.75))
    return last.reduce((a, b) => a + b, 0) / last.length
  }
  // NaN, of a fit that left the target's support, is never the best
  const best = fits.reduce((a, b) => (settled(b) > settled(a) || Number.isNaN(settled(a)) ? b : a))
  const apart = fits.map(({ fit }) => {
    const off = fit.mean.map((m, i) => m - best.fit.mean[i])
    return Math.sqrt(solveLower(best.fit.lower, off, off).reduce((sum, y) => sum + y * y, 0))
  })
  return { ...best, disagreement: Math.max(...apart) }
}

async function fitOnce(
  target: Target,
  start: { readonly mean: Float64Array; readonly lower: Float64Array },
  random: RandomStream,
  { kind, steps = 300, draws = 64 }: GaussianFitOptions,
): Promise<{ fit: Gaussian; elbos: Float64Array }> {
  const { dim } = target
  const differentiate = target.withGradient?.bind(target)
  if (!differentiate) {
    throw new UsageError('expected a target with a gradient', 'got one without', 'fit to draws, or give `withGradient`')
  }
  const mean = start.mean.slice()
  let lower: Float64Array = start.lower.slice()
  const elbos = new Float64Array(steps)
  const [meanSum, lowerSum] = [new Float64Array(dim), new Float64Array(dim * dim)]
  const averaged = Math.ceil(steps / 4)
  for (let step = 0; step < steps; step++) {
    const noise = antithetic(draws, dim, random)
    const rows = new Float64Array(draws * dim)
    for (let row = 0; row < draws; row++) {
      const x = timesLower(lower, noise.subarray(row * dim, (row + 1) * dim), new Float64Array(dim))
      for (let i = 0; i < dim; i++) rows[row * dim + i] = mean[i] + x[i]
    }
    const { logDensity, gradient } = await differentiate(rows)
    elbos[step] = logDensity.reduce((a, b) => a + b, 0) / draws + entropy(lower, dim)
    const { shift, bend } = localGradient({ noise, gradient, lower, dim, kind })
    const rate = lastRate + (firstRate - lastRate) * 0.5 * (1 + Math.cos((Math.PI * step) / steps))
    const size = rate * Math.sqrt([...shift, ...bend].reduce((sum, g) => sum + g * g, 0))
    const factor = rate * Math.min(1, largestStep / size)
    const move = timesLower(
      lower,
      shift.map(g => g * factor),
      new Float64Array(dim),
    )
    for (let i = 0; i < dim; i++) mean[i] += move[i]
    lower = bent(lower, bend, factor, dim)
    if (step < steps - averaged) continue
    for (let i = 0; i < dim; i++) meanSum[i] += mean[i] / averaged
    for (let at = 0; at < dim * dim; at++) lowerSum[at] += lower[at] / averaged
  }
  return { fit: gaussian(meanSum, lowerSum), elbos }
}

/** Normal noise in pairs of opposite signs, `[draws, dim]`. */
function antithetic(draws: number, dim: number, random: RandomStream): Float64Array {
  const half = new Float64Array((draws / 2) * dim).map(() => random.normal())
  return Float64Array.from({ length: draws * dim }, (_, at) => (at < half.length ? half[at] : -half[at - half.length]))
}

function entropy(lower: Float64Array, dim: number): number {
  let sum = (dim / 2) * (1 + Math.log(2 * Math.PI))
  for (let i = 0; i < dim; i++) sum += Math.log(lower[i * dim + i])
  return sum
}

interface LocalDraws {
  /** `[draws, dim]` */
  readonly noise: Float64Array
  /** of the log-density at the draws, `[draws, dim]` */
  readonly gradient: Float64Array
  readonly lower: Float64Array
  readonly dim: number
  readonly kind: GaussianKind
}

/**
 * The bound's natural gradient in coordinates y, x = mean + L y: of the mean, and of the factor (its diagonal has twice
 * the information).
 */
function localGradient({ noise, gradient, lower, dim, kind }: LocalDraws) {
  const draws = noise.length / dim
  const shift = new Float64Array(dim)
  const bend = new Float64Array(dim * dim)
  const pull = new Float64Array(dim)
  for (let row = 0; row < draws; row++) {
    const at = row * dim
    for (let j = 0; j < dim; j++) {
      // L^T g + y: the gradient of log target - log q along the path
      pull[j] = noise[at + j]
      for (let i = j; i < dim; i++) pull[j] += lower[i * dim + j] * gradient[at + i]
    }
    // outside the support there is no gradient to follow
    if (pull.some(p => !Number.isFinite(p))) continue
    for (let i = 0; i < dim; i++) {
      shift[i] += pull[i] / draws
      for (let j = kind === 'full-rank' ? 0 : i; j <= i; j++) {
        bend[i * dim + j] += (pull[i] * noise[at + j] * (i === j ? 0.5 : 1)) / draws
      }
    }
  }
  return { shift, bend }
}

/** L (I + rate B) with the diagonal of the exponential, so that it stays positive. */
function bent(lower: Float64Array, bend: Float64Array, rate: number, dim: number): Float64Array {
  const out = new Float64Array(dim * dim)
  for (let i = 0; i < dim; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = lower[i * dim + j] * Math.exp(rate * bend[j * dim + j])
      for (let k = j + 1; k <= i; k++) sum += lower[i * dim + k] * rate * bend[k * dim + j]
      out[i * dim + j] = sum
    }
  }
  return out
}
