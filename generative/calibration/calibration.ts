import { DataError, type Key, UsageError, uniform } from '../../core/index.js'
import { fewestTruths, type LocalCoverage, localCoverage, usualBins } from './localCoverage.js'
import { columnOf, jointLogDensity, marginalLogDensity, normalScores } from './logScore.js'
import { type RankTest, testRanks } from './rankTests.js'
import { type Tarp, tarpCurve, tarpShare } from './tarp.js'

export interface CalibrationOptions {
  readonly names: readonly string[]
  /** where each parameter can lie at all: the ends at which kernel densities are reflected */
  readonly bounds: readonly (readonly [low: number, high: number])[]
  /** theta in the coordinates where the prior is the unit cube; by default each parameter's place between its bounds */
  readonly toUnit?: (theta: Float64Array) => ArrayLike<number>
  /** for the reference points of TARP and the breaking of ties */
  readonly key: Key
  /** credibility levels of the curves; default 0.05 … 0.95 with 0.68 */
  readonly levels?: readonly number[]
  /** of the rank histograms; default 20 */
  readonly bins?: number
  /** a test has failed below this probability, after Bonferroni; default 0.01 */
  readonly alpha?: number
  /** false omits the log-scores, which take most of the time */
  readonly scores?: boolean
}

export interface ParameterCalibration {
  readonly name: string
  /** `[levels]` share of truths within the central interval of each level */
  readonly coverage: Float64Array
  /** of the posterior mean about the truth */
  readonly rmse: number
  /** mean of (posterior mean - truth) */
  readonly meanBias: number
  /** median of (posterior median - truth) */
  readonly medianBias: number
  /** mean of the posterior's standard deviation */
  readonly posteriorSd: number
  /** log-density at the truth, nats in the parameter's own unit; NaN where scores are omitted */
  readonly logScore: Score
}

export interface Score {
  readonly mean: number
  /** standard error of the mean */
  readonly error: number
  /** `[count]` in the order added, for comparison of two methods galaxy by galaxy */
  readonly each: Float64Array
}

export interface Calibration {
  readonly count: number
  readonly levels: Float64Array
  /** `[levels]` standard deviation of a coverage by chance, sqrt(c (1 - c) / count) */
  readonly coverageError: Float64Array
  readonly parameters: readonly ParameterCalibration[]
  readonly ranks: readonly RankTest[]
  /** no parameter's ranks fail the chi-square or the Kolmogorov test at `alpha` after Bonferroni over parameters */
  readonly ranksUniform: boolean
  readonly tarp: Tarp
  /**
   * `[parameters]` coverage of the central intervals of each parameter by where its posterior mean lies; none with
   * fewer than 160 galaxies. It describes, and is no part of a verdict: with enough simulations every approximation is
   * seen to be one somewhere.
   */
  readonly local: readonly LocalCoverage[]
  /**
   * log-density of all parameters together in the prior's unit cube, above what the prior knows; see `jointLogDensity`
   */
  readonly jointLogScore: Score
}

export interface Calibrator {
  /**
   * One galaxy. Draws should be near independent; a Markov chain's are worth its effective size.
   *
   * @param truth `[parameters]`
   * @param draws `[count, parameters]`
   * @throws DataError for draws or a truth that are not finite
   */
  add(truth: ArrayLike<number>, draws: ArrayLike<number>): void
  result(): Calibration
}

const defaultLevels = [...Array.from({ length: 19 }, (_, i) => (i + 1) / 20), 0.68].sort((a, b) => a - b)

/**
 * Takes truths and draws, one galaxy at a time, and keeps some twenty numbers of each.
 *
 *     const calibrator = makeCalibration({ names: ['omega_m'], bounds: [[0.1, 0.5]], key: makeKey(0) })
 *     for (const { truth, draws } of simulated) calibrator.add(truth, draws)
 *     const { ranksUniform, tarp, parameters } = calibrator.result()
 *     parameters[0].coverage   // the share of truths within the central interval of each level
 */
export function makeCalibration(options: CalibrationOptions): Calibrator {
  const { names, bounds, key, levels = defaultLevels, bins = 20, alpha = 0.01, scores = true } = options
  const dim = names.length
  if (bounds.length !== dim) {
    throw new UsageError(`expected bounds of ${dim} parameters`, `got ${bounds.length}`, 'give one pair a name')
  }
  const toUnit =
    options.toUnit ?? ((theta: Float64Array) => theta.map((x, p) => (x - bounds[p][0]) / (bounds[p][1] - bounds[p][0])))
  const columns = (): number[][] => names.map(() => [])
  const ranks = columns()
  const means = columns()
  const meanErrors = columns()
  const medianErrors = columns()
  const sds = columns()
  const logs = columns()
  const shares: number[] = []
  const joint: number[] = []
  let rankScores = new Float64Array(0)

  const add = (truthLike: ArrayLike<number>, drawsLike: ArrayLike<number>): void => {
    const truth = new Float64Array(truthLike)
    const draws = new Float64Array(drawsLike)
    const count = draws.length / dim
    if (
      truth.length !== dim ||
      !Number.isInteger(count) ||
      count < 10 ||
      !draws.every(Number.isFinite) ||
      !truth.every(Number.isFinite)
    ) {
      throw new DataError(
        `expected a truth of ${dim} numbers and ten draws or more of as many`,
        `got ${truth.length} and ${draws.length} numbers${draws.every(Number.isFinite) ? '' : ', not all finite'}`,
        'check the sampler that drew them',
      )
    }
    const random = uniform(key.split(shares.length), 2 * dim + 1)
    for (let p = 0; p < dim; p++) {
      const sorted = columnOf(draws, p, dim).sort()
      const mean = sorted.reduce((sum, x) => sum + x, 0) / count
      const middle = (sorted[Math.floor((count - 1) / 2)] + sorted[Math.ceil((count - 1) / 2)]) / 2
      let below = 0
      let equal = 0
      for (const x of sorted) {
        if (x < truth[p]) below++
        else if (x === truth[p]) equal++
      }
      ranks[p].push((below + random[p] * (equal + 1)) / (count + 1))
      means[p].push(mean)
      meanErrors[p].push(mean - truth[p])
      medianErrors[p].push(middle - truth[p])
      sds[p].push(Math.sqrt(sorted.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (count - 1)))
      if (scores) logs[p].push(marginalLogDensity(sorted, truth[p], ...bounds[p]))
    }
    const unitTruth = Float64Array.from(toUnit(truth))
    const unitDraws = new Float64Array(draws.length)
    for (let i = 0; i < count; i++) unitDraws.set(toUnit(draws.subarray(i * dim, (i + 1) * dim)), i * dim)
    shares.push(tarpShare(unitTruth, unitDraws, random.subarray(dim, 2 * dim), random[2 * dim]))
    if (!scores) return
    if (rankScores.length !== count) rankScores = Float64Array.from(normalScores(count))
    joint.push(jointLogDensity(unitDraws, unitTruth, rankScores))
  }

  const result = (): Calibration => {
    const count = shares.length
    if (count === 0) throw new UsageError('expected truths with their draws', 'got none', 'add some')
    const central = ranks.map(centralShares)
    const tested = names.map((name, p) => testRanks(name, ranks[p], bins, dim))
    return {
      count,
      levels: Float64Array.from(levels),
      coverageError: Float64Array.from(levels, level => Math.sqrt((level * (1 - level)) / count)),
      parameters: names.map((name, p) => ({
        name,
        coverage: Float64Array.from(levels, level => central[p].filter(share => share < level).length / count),
        rmse: Math.sqrt(meanOf(meanErrors[p].map(error => error ** 2))),
        meanBias: meanOf(meanErrors[p]),
        medianBias: medianOf(medianErrors[p]),
        posteriorSd: meanOf(sds[p]),
        logScore: scoreOf(logs[p]),
      })),
      ranks: tested,
      ranksUniform: tested.every(
        ({ chiSquare, kolmogorov }) => chiSquare.adjusted >= alpha && kolmogorov.adjusted >= alpha,
      ),
      tarp: tarpCurve(shares, levels, alpha),
      local:
        count < fewestTruths * usualBins ? [] : names.map((name, p) => localCoverage(central[p], { [name]: means[p] })),
      jointLogScore: scoreOf(joint),
    }
  }
  return { add, result }
}

/** The share of the central interval that ends at each truth. */
function centralShares(ranks: readonly number[]): number[] {
  return ranks.map(rank => 2 * Math.abs(rank - 0.5))
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, x) => sum + x, 0) / values.length
}

function medianOf(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort()
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2
}

function scoreOf(values: readonly number[]): Score {
  const mean = meanOf(values)
  const variance = meanOf(values.map(x => (x - mean) ** 2))
  return { mean, error: Math.sqrt(variance / (values.length - 1)), each: Float64Array.from(values) }
}
