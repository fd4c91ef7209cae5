import { normal, uniform } from '../../core/index.js'
import {
  type DifferentiablePrior,
  logStandardNormal,
  type MarginalSpec,
  productPrior,
} from '../../generative/prior/index.js'
import { mapRows, numbered, type Task } from './task.js'

const dimensions = 10
/** Of the noise, and in the first task also of the prior. */
const variance = 0.1

/** x = theta + noise of variance 0.1 in each of ten dimensions. */
function linear(name: string, prior: DifferentiablePrior): Task {
  const deviation = Math.sqrt(variance)
  return {
    name,
    prior,
    dataNames: numbered('data', dimensions),
    simulate(theta, key) {
      const noise = normal(key, theta.length)
      return theta.map((value, at) => value + deviation * noise[at])
    },
    logLikelihood: (theta, x) =>
      mapRows(theta, dimensions, row =>
        row.reduce((sum, value, i) => sum + logStandardNormal((x[i] - value) / deviation) - Math.log(deviation), 0),
      ),
  }
}

/**
 * Normal prior of variance 0.1, so that the posterior is normal: mean x / 2, variance 0.05. Lueckmann et al. 2021,
 * arXiv 2101.04653, T.1.
 */
export const gaussianLinear: Task = linear(
  'gaussian_linear',
  productPrior(alike(dimensions, { normal: [0, Math.sqrt(variance)] })),
)

/** Uniform prior on [-1, 1]: a normal posterior cut off. Lueckmann et al. 2021, arXiv 2101.04653, T.2. */
export const gaussianLinearUniform: Task = linear('gaussian_linear_uniform', box(dimensions, 1))

/**
 * Two normals about theta, of deviation 1 and 0.1, each with half the weight. Sisson et al. 2007; Lueckmann et al.
 * 2021, arXiv 2101.04653, T.7.
 */
export const gaussianMixture: Task = {
  name: 'gaussian_mixture',
  prior: box(2, 10),
  dataNames: numbered('data', 2),
  simulate(theta, key) {
    const [which, noise] = [uniform(key.split('which'), theta.length / 2), normal(key.split('noise'), theta.length)]
    return theta.map((value, at) => value + noise[at] * (which[at >> 1] < 0.5 ? 1 : 0.1))
  },
  logLikelihood: (theta, x) =>
    mapRows(theta, 2, ([theta0, theta1]) => {
      const squares = (x[0] - theta0) ** 2 + (x[1] - theta1) ** 2
      const [wide, narrow] = [-squares / 2, -50 * squares + Math.log(100)]
      const most = Math.max(wide, narrow)
      return most + Math.log((Math.exp(wide - most) + Math.exp(narrow - most)) / 2) - Math.log(2 * Math.PI)
    }),
}

/** The same uniform interval [-bound, bound] for every parameter. */
export function box(dim: number, bound: number): DifferentiablePrior {
  return productPrior(alike(dim, { uniform: [-bound, bound] }))
}

function alike(dim: number, marginal: MarginalSpec): Record<string, MarginalSpec> {
  return Object.fromEntries(numbered('parameter', dim).map(name => [name, marginal]))
}
