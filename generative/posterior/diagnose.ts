import { type Chains, seriesOf } from './chains.js'
import { effectiveSampleSize, tailSampleSize } from './effectiveSampleSize.js'
import { errorOfMean } from './monteCarloError.js'
import { rhat } from './rhat.js'
import { type Verdict, verdictOn } from './verdict.js'

/** One parameter's marginal and how well it is known. */
export interface ParameterDiagnosis {
  readonly name: string
  readonly mean: number
  readonly sd: number
  /** Monte Carlo standard error of `mean` */
  readonly error: number
  readonly rhat: number
  /** effective number of draws for the middle */
  readonly bulk: number
  /** and for the 5% and 95% quantiles */
  readonly tail: number
}

/** Whether to believe chains. */
export interface Diagnosis extends Verdict {
  readonly parameters: readonly ParameterDiagnosis[]
  /** the worst of the parameters */
  readonly rhat: number
  readonly bulk: number
  readonly tail: number
  /** draws whose trajectory lost its energy; 0 where there are no trajectories */
  readonly divergences: number
  /** draws whose trajectory was cut at its greatest length */
  readonly cut: number
  /** smallest energy fraction of a chain, where there are energies */
  readonly energyFraction?: number
}

export interface DiagnoseOptions {
  /** of the coordinates; default `x0`, `x1`, … */
  readonly names?: readonly string[]
  /** default 1.01, of Vehtari et al. 2021 */
  readonly rhatBelow?: number
  /** effective draws wanted in bulk and tails; default 400, of the same */
  readonly drawsAbove?: number
}

/**
 * Whether chains may be believed, in numbers and in words, by what the field asks for: R-hat below 1.01, 400 effective
 * draws in bulk and tails (Vehtari et al. 2021, arXiv 1903.08008), no divergent trajectory, an energy fraction of 0.3
 * or more (Betancourt 2016, arXiv 1604.00695), hardly a trajectory cut short.
 *
 *     const { trusted, problems, parameters } = diagnose(chains, { names: ['omega_m', 'sigma_8'] })
 *     if (!trusted) print(problems.join('\n'))
 */
export function diagnose(chains: Chains, options: DiagnoseOptions = {}): Diagnosis {
  const { names, rhatBelow = 1.01, drawsAbove = 400 } = options
  const parameters = Array.from({ length: chains.dim }, (_, i) =>
    parameterOf(names?.[i] ?? `x${i}`, seriesOf(chains, i)),
  )
  const worst = {
    // NaN counts as the worst
    rhat: parameters.reduce((a, b) => (Number.isNaN(a.rhat) || b.rhat <= a.rhat ? a : b)),
    bulk: parameters.reduce((a, b) => (b.bulk >= a.bulk ? a : b)),
    tail: parameters.reduce((a, b) => (b.tail >= a.tail ? a : b)),
  }
  const count = chains.length * chains.chains
  const divergences = chains.trajectories?.divergent.reduce((sum, one) => sum + one, 0) ?? 0
  const cut = chains.trajectories?.cut?.reduce((sum, one) => sum + one, 0) ?? 0
  const fractions = energyFractions(chains)
  const energyFraction = fractions && Math.min(...fractions)
  const problems: string[] = []
  // negations, so that NaN is a problem
  if (!(worst.rhat.rhat < rhatBelow)) {
    problems.push(
      `the chains do not agree on ${worst.rhat.name} (R-hat ${worst.rhat.rhat.toFixed(3)}, expected less than ${rhatBelow}): run longer, or there are modes or places that some never reach`,
    )
  }
  for (const [where, of] of [
    ['in bulk', { name: worst.bulk.name, size: worst.bulk.bulk }],
    ['in the tails', { name: worst.tail.name, size: worst.tail.tail }],
  ] as const) {
    if (of.size > drawsAbove) continue
    problems.push(
      `too few effective draws ${where} of ${of.name} (${Math.round(of.size)}, expected more than ${drawsAbove}): run longer`,
    )
  }
  if (divergences > 0) {
    problems.push(
      `${divergences} of ${count} trajectories diverged: there are places too curved for the step, which the draws may have missed; write the model in other coordinates, or ask for a higher acceptance`,
    )
  }
  if (energyFraction !== undefined && !(energyFraction >= 0.3)) {
    problems.push(
      `the energy moves too little a step (fraction ${energyFraction.toFixed(2)}, expected 0.3 or more): heavy tails or a funnel; write the model in other coordinates`,
    )
  }
  if (cut > 0.01 * count) {
    problems.push(
      `${cut} of ${count} trajectories were cut at their greatest length: learn the whole covariance (scales: 'dense'), or allow more doublings`,
    )
  }
  const numbers = `R-hat ${worst.rhat.rhat.toFixed(3)}, ${Math.round(worst.bulk.bulk)} effective draws in bulk and ${Math.round(worst.tail.tail)} in the tails`
  return {
    parameters,
    rhat: worst.rhat.rhat,
    bulk: worst.bulk.bulk,
    tail: worst.tail.tail,
    divergences,
    cut,
    ...(energyFraction !== undefined && { energyFraction }),
    ...verdictOn('these chains', numbers, problems),
  }
}

function parameterOf(name: string, series: readonly Float64Array[]): ParameterDiagnosis {
  const all = series.flatMap(chain => Array.from(chain))
  const mean = all.reduce((sum, x) => sum + x, 0) / all.length
  const sd = Math.sqrt(all.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (all.length - 1))
  // a chain that never moves has drawn nothing, and draws that are not finite are no posterior
  const moves = sd > 0 && Number.isFinite(sd)
  return {
    name,
    mean,
    sd,
    error: moves ? errorOfMean(series) : Number.NaN,
    rhat: moves ? rhat(series) : Number.NaN,
    bulk: moves ? effectiveSampleSize(series) : 0,
    tail: moves ? tailSampleSize(series) : 0,
  }
}

/**
 * The energy's Bayesian fraction of missing information of every chain, `[chains]`: how far the energy moves in one
 * step against how far it spreads (Betancourt 2016, arXiv 1604.00695, eq. 3). Below 0.3 a draw's momentum cannot reach
 * all levels of energy: tails are explored slowly.
 *
 * @returns undefined for a sampler without energies
 */
export function energyFractions({ chains, length, trajectories }: Chains): Float64Array | undefined {
  if (!trajectories) return undefined
  return Float64Array.from({ length: chains }, (_, chain) => {
    const energy = Float64Array.from({ length }, (_, step) => trajectories.energy[step * chains + chain])
    const mean = energy.reduce((sum, e) => sum + e, 0) / length
    let moved = 0
    let spread = 0
    for (let i = 0; i < length; i++) {
      if (i > 0) moved += (energy[i] - energy[i - 1]) ** 2
      spread += (energy[i] - mean) ** 2
    }
    return moved / spread
  })
}
