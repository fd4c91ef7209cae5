import { formAt, meanForm, type ScoreLikelihood } from '../../../generative/pairs/index.js'
import type { Target } from '../../../generative/posterior/index.js'
import { type DifferentiablePrior, logNormalRows } from '../../../generative/prior/index.js'

/** What a field says of theta by the bound, taken to the power that makes its posteriors as wide as its errors are. */
export interface FieldEvidence {
  readonly likelihood: ScoreLikelihood
  /** in (0, 1]; see `temperature.ts` */
  readonly power: number
}

/** The likelihood alone over the prior's standard normal coordinates: what nested sampling and importance weights take. */
export function likelihoodOf({ likelihood, power }: FieldEvidence, prior: DifferentiablePrior): Target {
  const form = meanForm(likelihood.draws)
  const dim = prior.names.length
  const order = likelihood.theta.names.map(name => prior.names.indexOf(name))
  const at = (theta: Float64Array, row: number) => order.map(p => theta[row * dim + p])
  return {
    dim,
    logDensity: rows => {
      const theta = prior.toTheta(rows)
      return Float64Array.from(
        { length: rows.length / dim },
        (_, row) => power * formAt(form, likelihood.theta, at(theta, row)),
      )
    },
    withGradient: rows => {
      const theta = prior.toTheta(rows)
      const gradient = new Float64Array(rows.length)
      const slope = new Float64Array(order.length)
      const logDensity = Float64Array.from({ length: rows.length / dim }, (_, row) => {
        const value = formAt(form, likelihood.theta, at(theta, row), slope)
        for (const [i, p] of order.entries()) gradient[row * dim + p] = power * slope[i]
        return power * value
      })
      return { logDensity, gradient: prior.pullBack(rows, gradient) }
    },
  }
}

/** Likelihood times prior, N(0, I): what the other samplers take. */
export function posteriorOf(evidence: FieldEvidence, prior: DifferentiablePrior): Target {
  const likelihood = likelihoodOf(evidence, prior)
  const { dim } = likelihood
  return {
    dim,
    logDensity: async rows => {
      const found = await likelihood.logDensity(rows)
      return logNormalRows(rows, dim).map((log, row) => log + found[row])
    },
    withGradient: async rows => {
      const found = await likelihood.withGradient!(rows)
      return {
        logDensity: logNormalRows(rows, dim).map((log, row) => log + found.logDensity[row]),
        gradient: found.gradient.map((g, i) => g - rows[i]),
      }
    },
  }
}
