import { type Key, UsageError } from '../../core/index.js'
import { logNormalRows } from '../prior/prior.js'
import { cholesky, momentsOf, timesLower } from './cholesky.js'
import { logSumExp, normalisedWeights, weightedSampleSize } from './logSumExp.js'
import { type RandomStream, randomStream } from './randomStream.js'
import { multinomialResample, rowsAt } from './resample.js'
import type { Target } from './target.js'
import type { WeightedDraws } from './weightedDraws.js'

export interface SmcOptions {
  /** default 1000 */
  readonly particles?: number
  /** share of effective particles that a step in temperature leaves; default 0.5 */
  readonly share?: number
  /** moves go on until no coordinate's correlation with where it began is larger; default 0.1 */
  readonly correlation?: number
  /** moves at one temperature at most; default 100 */
  readonly mostMoves?: number
}

export interface SmcRun extends WeightedDraws {
  /** nats */
  readonly logZ: number
  /** standard error, nats */
  readonly logZError: number
  /** inverse temperatures, the last 1 */
  readonly temperatures: readonly number[]
  /** moves at each, and the correlation they left; above what was asked for where they were too few */
  readonly moves: readonly number[]
  readonly correlations: readonly number[]
  /**
   * Whether the moves forgot what they began at, everywhere. If not, they were too few for draws and ln Z to be
   * believed, or there are modes apart, with shares as the tempering left them.
   */
  readonly settled: boolean
  /** share of proposals taken */
  readonly acceptance: number
  readonly evaluations: number
}

interface Particles {
  /** `[n, dim]` */
  readonly rows: Float64Array
  /** log-likelihood, `[n]` */
  readonly logs: Float64Array
  /** which particle of the first each descends from */
  readonly ancestors: Int32Array
}

/**
 * Sequential Monte Carlo from the prior N(0, I) to the posterior by likelihood^beta with rising beta: Del Moral, Doucet
 * and Jasra 2006 (doi:10.1111/j.1467-9868.2006.00553.x), section 3.3.2.3. Each beta is the largest that leaves a share
 * of the particles effective (Jasra et al. 2011, doi:10.1111/j.1467-9469.2010.00723.x); moves are random walks with the
 * particles' covariance, in a size adapted to a quarter taken, as many as it takes to forget (all particles in one call
 * of the likelihood).
 *
 * @param likelihood log p(x | z) of standard normal coordinates z, constants kept where ln Z is to mean anything
 * @throws UsageError where no particle of the prior has a likelihood
 */
export async function temperedSmc(likelihood: Target, key: Key, options: SmcOptions = {}): Promise<SmcRun> {
  const { particles: n = 1000, share = 0.5, correlation = 0.1, mostMoves = 100 } = options
  const { dim } = likelihood
  const random = randomStream(key)
  const ask = async (rows: Float64Array) =>
    Float64Array.from(await likelihood.logDensity(rows), log => (Number.isNaN(log) ? -Infinity : log))
  const rows = new Float64Array(n * dim).map(() => random.normal())
  let now: Particles = { rows, logs: await ask(rows), ancestors: Int32Array.from({ length: n }, (_, i) => i) }
  if (!now.logs.some(log => log > -Infinity)) {
    throw new UsageError(
      'expected some likelihood among the draws of the prior',
      `got none in ${n}`,
      'take more particles',
    )
  }
  const temperatures: number[] = []
  const moves: number[] = []
  const correlations: number[] = []
  const sizes: number[] = []
  let [beta, logZ, size] = [0, 0, 2.38 / Math.sqrt(dim)]
  let tally = { taken: 0, proposed: 0 }
  let lineages = new Float64Array(n)
  while (beta < 1) {
    const next = nextTemperature(now.logs, beta, share * n)
    const logWeights = now.logs.map(log => (next - beta) * log)
    logZ += logSumExp(logWeights) - Math.log(n)
    const weights = normalisedWeights(logWeights)
    sizes.push(weightedSampleSize(weights))
    lineages = new Float64Array(n)
    for (const [i, ancestor] of now.ancestors.entries()) lineages[ancestor] += weights[i]
    beta = next
    const chosen = multinomialResample(weights, n, random)
    const begun: Particles = {
      rows: rowsAt(now.rows, dim, chosen),
      logs: Float64Array.from(chosen, i => now.logs[i]),
      ancestors: Int32Array.from(chosen, i => now.ancestors[i]),
    }
    const factor = proposalFactor(begun.rows, dim)
    now = { ...begun, rows: begun.rows.slice(), logs: begun.logs.slice() }
    let left = 1
    let done = 0
    while (left > correlation && done < mostMoves) {
      const taken = await move(now, beta, factor, size, ask, random)
      size *= Math.exp(taken / n - 0.25)
      tally = { taken: tally.taken + taken, proposed: tally.proposed + n }
      done++
      left = Math.max(largestCorrelation(begun.rows, now.rows, dim), largestCorrelation(begun.logs, now.logs, 1))
    }
    temperatures.push(beta)
    moves.push(done)
    correlations.push(left)
  }
  const left = correlations[correlations.length - 1]
  return {
    dim,
    draws: now.rows,
    weights: new Float64Array(n).fill(1 / n),
    // what is left of the resampled particles counts as these do, the rest as new
    effectiveSampleSize: 1 / (1 / n + left ** 2 / sizes[sizes.length - 1]),
    logZ,
    logZError: Math.sqrt(Math.max(lineageVariance(lineages, sizes.length - 1), mixedVariance(sizes, n))),
    temperatures,
    moves,
    correlations,
    settled: correlations.every(left => left <= correlation),
    acceptance: tally.taken / tally.proposed,
    evaluations: tally.proposed + n,
  }
}

/**
 * The relative variance of Z by who descends from whom: Lee and Whiteley 2018 (arXiv 1509.00394), eq. 3, after so many
 * resamplings.
 */
function lineageVariance(lineages: Float64Array, resamplings: number): number {
  const n = lineages.length
  const same = lineages.reduce((sum, share) => sum + share * share, 0)
  return 1 - (n / (n - 1)) ** (resamplings + 1) * (1 - same)
}

/** What that variance is if moves forget all, which it cannot be below. */
function mixedVariance(sizes: readonly number[], n: number): number {
  return sizes.reduce((sum, size) => sum + 1 / size - 1 / n, 0)
}

/** The largest inverse temperature that leaves so many effective particles, 1 at most. */
function nextTemperature(logs: Float64Array, beta: number, size: number): number {
  const sizeAt = (next: number) => weightedSampleSize(normalisedWeights(logs.map(log => (next - beta) * log)))
  if (sizeAt(1) >= size) return 1
  let [low, high] = [beta, 1]
  for (let step = 0; step < 50 && high - low > 1e-6 * (high - beta); step++) {
    const middle = (low + high) / 2
    if (sizeAt(middle) >= size) low = middle
    else high = middle
  }
  // no less than nothing: where many particles have no likelihood at all, even a small step leaves few
  return low > beta ? low : high
}

function proposalFactor(rows: Float64Array, dim: number): Float64Array {
  const { covariance } = momentsOf(rows, dim)
  const factor = cholesky(covariance, dim)
  if (factor) return factor
  return covariance.map((_, at) => (at % (dim + 1) === 0 ? Math.sqrt(Math.max(covariance[at], 1e-12)) : 0))
}

/** One Metropolis step of all particles in place; how many were taken. */
async function move(
  { rows, logs }: Particles,
  beta: number,
  factor: Float64Array,
  size: number,
  ask: (rows: Float64Array) => Promise<Float64Array>,
  random: RandomStream,
): Promise<number> {
  const n = logs.length
  const dim = rows.length / n
  const proposed = rows.slice()
  const step = new Float64Array(dim)
  for (let row = 0; row < n; row++) {
    const noise = step.map(() => size * random.normal())
    timesLower(factor, noise, step)
    for (let i = 0; i < dim; i++) proposed[row * dim + i] += step[i]
  }
  const answers = await ask(proposed)
  const [there, here] = [logNormalRows(proposed, dim), logNormalRows(rows, dim)]
  let taken = 0
  for (let row = 0; row < n; row++) {
    const gain = beta * (answers[row] - logs[row]) + there[row] - here[row]
    if (!(Math.log(random.uniform()) < gain)) continue
    rows.set(proposed.subarray(row * dim, (row + 1) * dim), row * dim)
    logs[row] = answers[row]
    taken++
  }
  return taken
}

function largestCorrelation(before: Float64Array, after: Float64Array, dim: number): number {
  const n = before.length / dim
  let largest = 0
  for (let i = 0; i < dim; i++) {
    let [sa, sb, saa, sbb, sab] = [0, 0, 0, 0, 0]
    for (let at = i; at < before.length; at += dim) {
      const [a, b] = [before[at], after[at]]
      sa += a
      sb += b
      saa += a * a
      sbb += b * b
      sab += a * b
    }
    const correlation = (sab - (sa * sb) / n) / Math.sqrt((saa - sa ** 2 / n) * (sbb - sb ** 2 / n))
    largest = Math.max(largest, correlation)
  }
  return largest
}
