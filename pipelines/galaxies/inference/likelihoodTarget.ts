import { formAt, meanForm, type ScoreLikelihood } from '../../../generative/pairs/index.js'
import type { Target } from '../../../generative/posterior/index.js'

/**
 * What a field says of theta by the bound, as a likelihood over theta.
 *
 * @param names of the columns of theta
 * @param power in (0, 1], see `LikelihoodPower`
 */
export function likelihoodTarget(likelihood: ScoreLikelihood, names: readonly string[], power: number): Target {
  const form = meanForm(likelihood.draws)
  const { theta: space } = likelihood
  const dim = names.length
  const order = space.names.map(name => names.indexOf(name))
  const at = (theta: Float64Array, row: number) => order.map(p => theta[row * dim + p])
  return {
    dim,
    logDensity: theta =>
      Float64Array.from({ length: theta.length / dim }, (_, row) => power * formAt(form, space, at(theta, row))),
    withGradient: theta => {
      const gradient = new Float64Array(theta.length)
      const slope = new Float64Array(order.length)
      const logDensity = Float64Array.from({ length: theta.length / dim }, (_, row) => {
        const value = formAt(form, space, at(theta, row), slope)
        for (const [i, p] of order.entries()) gradient[row * dim + p] = power * slope[i]
        return power * value
      })
      return { logDensity, gradient }
    },
  }
}
