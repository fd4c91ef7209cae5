import { ThetaOutOfRange, UsageError } from '../../core/index.js'
import { contract } from './ridge.js'
import { type ThetaTerms, termValues } from './thetaTerms.js'

/**
 * A score linear in given features: the result of a fit by least squares. It does not depend on how the features are
 * computed.
 */
export interface LinearScore {
  readonly theta: ThetaTerms
  /** Noise levels fitted, ascending, in the positions' unit */
  readonly sigmas: readonly number[]
  readonly features: number
  /** `[levels]` of `[terms, features]` */
  readonly coefficients: readonly Float64Array[]
  readonly diagnostics: readonly LevelDiagnostics[]
}

/**
 * How much of the noise's variance the score explains at a level (shares, not percent): the figure to compare models
 * by.
 */
export interface LevelDiagnostics {
  readonly sigma: number
  readonly train: number
  readonly heldOut: number
  readonly ridge: number
}

/** Coefficients `[features]` at one theta as a function of the noise level. */
export type CoefficientsAt = (sigma: number) => Float64Array

/**
 * Binds theta. Between levels coefficients are linear in log sigma. Below the lowest level the score itself,
 * coefficients / sigma, is held; above the highest the coefficients are 0: start there from uniform points.
 */
export function coefficientsFor(
  model: LinearScore,
  theta: Readonly<Record<string, number>>,
  extrapolate = false,
): CoefficientsAt {
  const values = model.theta.names.map((name, p) => {
    const value = theta[name]
    if (value === undefined)
      throw new UsageError(
        `expected a value of ${name}, on which the pair score depends`,
        `got ${JSON.stringify(theta)}`,
        `name ${name}`,
      )
    const [low, high] = model.theta.range[p]
    const slack = 1e-6 * Math.max(Math.abs(low), Math.abs(high))
    const used = model.theta.terms.some(term => term.includes(p))
    if (!extrapolate && used && !(value >= low - slack && value <= high + slack))
      throw new ThetaOutOfRange(name, value, [low, high])
    return value
  })
  const terms = termValues(model.theta, values)
  const levels = model.coefficients.map(c => contract(c, terms))
  const logs = model.sigmas.map(Math.log)
  const last = logs.length - 1
  return sigma => {
    const x = Math.log(sigma)
    if (x <= logs[0]) return levels[0].map(c => (c * sigma) / model.sigmas[0])
    if (x > logs[last] + 1e-9) return new Float64Array(model.features)
    let q = 0
    while (q < last - 1 && logs[q + 1] < x) q++
    const f = last === 0 ? 0 : (x - logs[q]) / (logs[q + 1] - logs[q])
    return levels[q].map((c, k) => (last === 0 ? c : (1 - f) * c + f * levels[q + 1][k]))
  }
}
