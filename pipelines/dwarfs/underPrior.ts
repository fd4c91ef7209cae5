import { type Draws, type Key, UsageError } from '../../core/index.js'
import {
  logMeanExp,
  relativeWeights,
  resampleByLogWeights,
  weightedSampleSize,
} from '../../generative/posterior/index.js'
import { type DwarfPrior, type DwarfTheta, dwarfNames, type Interval, toCoordinates } from '../../simulators/index.js'
import { boundsOf } from './parameters.js'
import { priorLogWeights, type UserPrior } from './userPrior.js'

/**
 * The draws as they are under a user's prior, each as often as its weight says. `ess` becomes the number of independent
 * draws that they are worth. The log-density is that of the draws, and log p_user / p_train, less the logarithm of the
 * mean of this ratio over the draws, which is the integral of the product: so it is as nearly normalised as the draws'
 * own density and their effective number make it.
 *
 * @param prior under which they were drawn
 * @throws UsageError where no two of them are left
 */
export function underPrior(draws: Draws, prior: DwarfPrior, wanted: UserPrior, key: Key): Draws {
  const { theta, logProb, diagnostics, problems } = draws
  const width = dwarfNames.length
  const coordinates = new Float32Array(theta.length)
  for (let at = 0; at < theta.length; at += width) {
    const own = Object.fromEntries(dwarfNames.map((name, i) => [name, theta[at + i]])) as DwarfTheta
    coordinates.set(toCoordinates(own), at)
  }
  const logWeights = priorLogWeights(wanted, coordinates)
  const effective = weightedSampleSize(relativeWeights(logWeights))
  if (effective < 2) {
    throw new UsageError(
      'expected a prior that meets the posterior',
      `got one that leaves ${effective.toFixed(1)} of ${logProb.length} draws`,
      'widen it, or take more draws by --n',
    )
  }
  const rows = resampleByLogWeights(logWeights, key.split('prior'))
  const evidence = logMeanExp(logWeights)
  const few =
    effective < 200
      ? [`Under --prior the draws are worth ${effective.toFixed(0)} independent ones; take more by --n.`]
      : []
  return {
    // what the method says besides, as the chains of the Jeans analysis do, stands
    ...draws,
    theta: Float64Array.from(
      { length: theta.length },
      (_, i) => theta[rows[Math.floor(i / width)] * width + (i % width)],
    ),
    logProb: Float64Array.from(rows, row => logProb[row] + logWeights[row] - evidence),
    diagnostics: { ...diagnostics, ess: effective },
    problems: [...problems, ...beyond(wanted, prior), ...few],
  }
}

/**
 * One line for each parameter of the wanted prior that reaches beyond what the draws were made under: weights cannot
 * bring draws where there are none.
 */
function beyond(wanted: UserPrior, prior: DwarfPrior): string[] {
  const bounds = boundsOf(prior)
  const ranges: Readonly<Record<string, Interval>> = {
    ...prior,
    ...Object.fromEntries(dwarfNames.map((name, i) => [name, bounds[i]])),
  }
  return Object.entries(wanted).flatMap(([name, distribution]) => {
    const [low, high] = ranges[name]
    const [from, to] = reachOf(distribution)
    const rounding = 1e-6 * (high - low)
    if (from >= low - rounding && to <= high + rounding) return []
    const most = 'normal' in distribution ? ' (95% of it)' : ''
    return [
      `--prior reaches over ${name} from ${short(from)} to ${short(to)}${most}, and the draws were made for ${short(low)} to ${short(high)}: none can lie outside of that.`,
    ]
  })
}

function reachOf(distribution: UserPrior[string]): readonly [from: number, to: number] {
  if ('uniform' in distribution) return distribution.uniform
  const [mean, sd] = distribution.normal
  return [mean - 2 * sd, mean + 2 * sd]
}

function short(value: number): number {
  return Number(value.toPrecision(4))
}
