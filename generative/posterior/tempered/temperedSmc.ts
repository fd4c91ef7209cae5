import { type Key, normal, UsageError } from '../../../core/index.js'
import type { Density } from '../asTarget.js'
import { type LikelihoodSetting, withLikelihoodInZ } from '../likelihoodRequest.js'
import { logSumExp } from '../logSumExp.js'
import { type RandomStream, randomStream } from '../randomStream.js'
import { multinomialResample, rowsAt, shuffled, systematicResample } from '../resample.js'
import { logNormalRow } from '../standardNormal.js'
import type { Target } from '../target.js'
import { type Verdict, verdictOn } from '../verdict.js'
import type { WeightedDraws } from '../weightedDraws.js'
import { normalisedWeights, weightedSampleSize } from '../weights.js'
import { globalWalks, type MakeParticleMoves, type ParticleMove } from './particleMoves.js'

export interface SmcOptions {
  /** default 1000 */
  readonly particles?: number
  /** share of effective particles that a step in temperature leaves; default 0.5 */
  readonly share?: number
  /** default multinomial, for which alone the error of ln Z is known */
  readonly resampling?: 'multinomial' | 'systematic'
  /** how particles move; default `globalWalks` */
  readonly moves?: MakeParticleMoves
  /** moves continue until no coordinate's correlation with where it began is larger; default 0.1 */
  readonly correlation?: number
  /** moves at one temperature at most; default 100 */
  readonly mostMoves?: number
  /** this many moves instead, whatever they forget: at each temperature below 1, and at the last */
  readonly rounds?: { readonly each: number; readonly last: number }
}

export interface SmcRun extends WeightedDraws {
  /** of the draws, `[n]` nats */
  readonly logLikelihood: Float64Array
  /** nats */
  readonly logZ: number
  /** standard error, nats; NaN with systematic resampling */
  readonly logZError: number
  /** inverse temperatures, the last 1 */
  readonly temperatures: readonly number[]
  /** moves at each, and the correlation they left; above the one asked for where they were too few */
  readonly moves: readonly number[]
  readonly correlations: readonly number[]
  /** mean share of proposals of tuned moves accepted at each */
  readonly acceptances: readonly number[]
  /**
   * Whether the moves forgot where they began, at every temperature. If not, they were too few for draws and ln Z to be
   * believed, or there are separate modes, with shares as the tempering left them.
   */
  readonly settled: boolean
  /** share of all proposals accepted */
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

type Ask = (rows: Float64Array) => Promise<Float64Array>

/**
 * Sequential Monte Carlo from the prior N(0, I) to the posterior by likelihood^beta with rising beta: Del Moral, Doucet
 * and Jasra 2006 (doi:10.1111/j.1467-9868.2006.00553.x), section 3.3.2.3. Each beta is the largest that leaves a share
 * of the particles effective (Jasra et al. 2011, doi:10.1111/j.1467-9469.2010.00723.x). Then all particles move, in one
 * call of the likelihood a round, by random walks whose size is tuned to an acceptance of a quarter, the best for
 * random walks in a few dimensions.
 *
 *     const prior = productPrior({ rate: { uniform: [0, 5] } })
 *     const run = await temperedSmc({ point: ([rate]) => -((rate - 2) ** 2) / 0.02 }, { prior, key: makeKey(0) })
 *     run.verdict   // nothing speaks against this run: ln Z …
 *     run.draws     // theta, `[1000, 1]`
 *
 * With a target over z ~ N(0, I): `temperedSmc(likelihood, key, { particles: 1000 })`, without the verdict.
 *
 * @param likelihood log p(x | theta), nats, with all constants where ln Z is to mean anything; NaN counts as likelihood
 *   zero
 * @throws UsageError where no particle of the prior has a likelihood
 */
export function temperedSmc(likelihood: Density, request: SmcRequest): Promise<JudgedSmcRun>
export function temperedSmc(likelihood: Target, key: Key, options?: SmcOptions): Promise<SmcRun>
export function temperedSmc(likelihood: Density, second: Key | SmcRequest, options: SmcOptions = {}): Promise<SmcRun> {
  if (!('key' in second)) return withLikelihoodInZ(likelihood, { key: second }, inZ => tempered(inZ, second, options))
  const { prior } = second
  return withLikelihoodInZ(likelihood, second, async inZ => {
    const run = await tempered(inZ, second.key, second)
    const draws = prior ? prior.toTheta(run.draws) : run.draws
    return { ...run, draws, ...verdictOfSmc(run) }
  })
}

export interface SmcRequest extends LikelihoodSetting, SmcOptions {}

/** A run, and whether to believe it. */
export interface JudgedSmcRun extends SmcRun, Verdict {}

function verdictOfSmc({ settled, correlations, logZ, logZError, effectiveSampleSize }: SmcRun): Verdict {
  const most = Math.max(...correlations).toFixed(2)
  const numbers = `ln Z ${logZ.toFixed(2)} +- ${logZError.toFixed(2)}, ${Math.round(effectiveSampleSize)} effective draws`
  return verdictOn(
    'this run',
    numbers,
    settled
      ? []
      : [`the particles did not forget where they began (correlation ${most}): allow more moves, or there are modes`],
  )
}

async function tempered(likelihood: Target, key: Key, options: SmcOptions): Promise<SmcRun> {
  const { particles: n = 1000, share = 0.5, resampling = 'multinomial', moves: makeMoves = globalWalks } = options
  const { dim } = likelihood
  const random = randomStream(key.split('moves'))
  const ask: Ask = async rows =>
    Float64Array.from(await likelihood.logDensity(rows), log => (Number.isNaN(log) ? -Infinity : log))
  let now = await priorParticles(n, dim, key.split('prior'), ask)
  const temperatures: number[] = []
  const moves: number[] = []
  const correlations: number[] = []
  const acceptances: number[] = []
  const sizes: number[] = []
  let [beta, logZ, size] = [0, 0, 2.38 / Math.sqrt(dim)]
  let [taken, proposed] = [0, 0]
  let lineages = new Float64Array(n)
  while (beta < 1) {
    const next = nextTemperature(now.logs, beta, share)
    const logWeights = now.logs.map(log => (next - beta) * log)
    logZ += logSumExp(logWeights) - Math.log(n)
    const weights = normalisedWeights(logWeights)
    sizes.push(weightedSampleSize(weights))
    lineages = new Float64Array(n)
    for (const [i, ancestor] of now.ancestors.entries()) lineages[ancestor] += weights[i]
    beta = next
    const resample = resampling === 'multinomial' ? multinomialResample : systematicResample
    const begun = particlesAt(now, dim, shuffled(resample(weights, n, random), random))
    now = { ...begun, rows: begun.rows.slice(), logs: begun.logs.slice() }
    const moveOf = makeMoves(now.rows, dim, random)
    const last = beta === 1
    const tally = { rounds: 0, tuned: 0, share: 0 }
    let left = 1
    while (!isEnough(options, { rounds: tally.rounds, left, last })) {
      const move = moveOf(tally.rounds + 1)
      const accepted = await moveAll(now, move, { beta, size, ask, random })
      taken += accepted
      proposed += n
      tally.rounds++
      if (move.isTuned) {
        size = Math.min(2.5, size * Math.exp(0.5 * (accepted / n - 0.25)))
        tally.share += accepted / n
        tally.tuned++
      }
      if (!options.rounds) left = correlationWith(begun, now, dim)
    }
    temperatures.push(beta)
    moves.push(tally.rounds)
    correlations.push(options.rounds ? correlationWith(begun, now, dim) : left)
    acceptances.push(tally.share / Math.max(1, tally.tuned))
  }
  const left = correlations[correlations.length - 1]
  return {
    dim,
    draws: now.rows,
    logLikelihood: now.logs,
    weights: new Float64Array(n).fill(1 / n),
    // the resampled particles count with what is left of them, the rest are new
    effectiveSampleSize: 1 / (1 / n + left ** 2 / sizes[sizes.length - 1]),
    logZ,
    logZError:
      resampling === 'multinomial'
        ? Math.sqrt(Math.max(lineageVariance(lineages, sizes.length - 1), mixedVariance(sizes, n)))
        : Number.NaN,
    temperatures,
    moves,
    correlations,
    acceptances,
    settled: correlations.every(left => left <= (options.correlation ?? defaultCorrelation)),
    acceptance: taken / proposed,
    evaluations: proposed + n,
  }
}

const defaultCorrelation = 0.1

/** Whether the particles have moved enough at one temperature. */
function isEnough(
  { correlation = defaultCorrelation, mostMoves = 100, rounds: fixed }: SmcOptions,
  { rounds, left, last }: { readonly rounds: number; readonly left: number; readonly last: boolean },
): boolean {
  if (fixed) return rounds >= (last ? fixed.last : fixed.each)
  return left <= correlation || rounds >= mostMoves
}

async function priorParticles(n: number, dim: number, key: Key, ask: Ask): Promise<Particles> {
  const rows = Float64Array.from(normal(key, n * dim))
  const logs = await ask(rows)
  if (!logs.some(log => log > -Infinity)) {
    throw new UsageError(
      'expected some likelihood among the draws of the prior',
      `got none in ${n}`,
      'take more particles',
    )
  }
  return { rows, logs, ancestors: Int32Array.from({ length: n }, (_, i) => i) }
}

function particlesAt({ rows, logs, ancestors }: Particles, dim: number, chosen: Int32Array): Particles {
  return {
    rows: rowsAt(rows, dim, chosen),
    logs: Float64Array.from(chosen, i => logs[i]),
    ancestors: Int32Array.from(chosen, i => ancestors[i]),
  }
}

/**
 * The relative variance of Z by which particles share an ancestor: Lee and Whiteley 2018 (arXiv 1509.00394), eq. 3.
 */
function lineageVariance(lineages: Float64Array, resamplings: number): number {
  const n = lineages.length
  const same = lineages.reduce((sum, share) => sum + share * share, 0)
  return 1 - (n / (n - 1)) ** (resamplings + 1) * (1 - same)
}

/** That variance if moves forget everything: a lower bound. */
function mixedVariance(sizes: readonly number[], n: number): number {
  return sizes.reduce((sum, size) => sum + 1 / size - 1 / n, 0)
}

/** The largest inverse temperature up to 1 that leaves this share of the particles effective, by bisection. */
function nextTemperature(logs: Float64Array, beta: number, share: number): number {
  const shareAt = (next: number): number =>
    weightedSampleSize(normalisedWeights(logs.map(log => (next - beta) * log))) / logs.length
  if (shareAt(1) >= share) return 1
  let [low, high] = [beta, 1]
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2
    if (shareAt(middle) >= share) low = middle
    else high = middle
  }
  // Where many particles have no likelihood at all, even a small step leaves few; it must still be a step.
  return low > beta ? low : high
}

interface MoveSetting {
  readonly beta: number
  readonly size: number
  readonly ask: Ask
  readonly random: RandomStream
}

/** One move of all particles in place; how many proposals were accepted. */
async function moveAll({ rows, logs }: Particles, move: ParticleMove, setting: MoveSetting): Promise<number> {
  const { size, random } = setting
  if (move.movers === 'all') {
    const proposals = move.propose({ rows, others: rows, size }, random)
    return acceptSome({ rows, logs, proposals: proposals.rows, factors: proposals.factors }, setting)
  }
  const dim = rows.length / logs.length
  const middle = logs.length >> 1
  const halves = [
    { rows: rows.subarray(0, middle * dim), logs: logs.subarray(0, middle) },
    { rows: rows.subarray(middle * dim), logs: logs.subarray(middle) },
  ]
  let accepted = 0
  for (const [h, half] of halves.entries()) {
    const proposals = move.propose({ rows: half.rows, others: halves[1 - h].rows, size }, random)
    accepted += await acceptSome({ ...half, proposals: proposals.rows, factors: proposals.factors }, setting)
  }
  return accepted
}

interface Candidates {
  readonly rows: Float64Array
  readonly logs: Float64Array
  readonly proposals: Float64Array
  readonly factors?: Float64Array
}

/** Metropolis and Hastings for every row in place; how many proposals were accepted. */
async function acceptSome(
  { rows, logs, proposals, factors }: Candidates,
  { beta, ask, random }: MoveSetting,
): Promise<number> {
  const dim = rows.length / logs.length
  const there = await ask(proposals)
  let accepted = 0
  for (let row = 0; row < logs.length; row++) {
    const gain = beta * (there[row] - logs[row]) + logNormalRow(proposals, row, dim) - logNormalRow(rows, row, dim)
    if (!(Math.log(random.uniform()) < gain + (factors ? factors[row] : 0))) continue
    rows.set(proposals.subarray(row * dim, (row + 1) * dim), row * dim)
    logs[row] = there[row]
    accepted++
  }
  return accepted
}

/** The largest correlation of a coordinate, or of the log-likelihood, with what it was. */
function correlationWith(before: Particles, after: Particles, dim: number): number {
  return Math.max(largestCorrelation(before.rows, after.rows, dim), largestCorrelation(before.logs, after.logs, 1))
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
