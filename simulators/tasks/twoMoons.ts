import { normal, uniform } from '../../core/index.js'
import { productPrior } from '../../generative/prior/index.js'
import { mapRows, numbered, type Task } from './task.js'

const offset = 0.25
const radius = 0.1
const width = 0.01

/** The centre of the circle that the half moon about theta is part of. */
function shift(theta0: number, theta1: number): [number, number] {
  return [offset - Math.abs(theta0 + theta1) * Math.SQRT1_2, (theta1 - theta0) * Math.SQRT1_2]
}

/**
 * Half a ring of radius 0.1 and width 0.01 about a place that two values of theta share: a posterior of two crescents.
 * Greenberg et al. 2019, arXiv 1905.07488; Lueckmann et al. 2021, arXiv 2101.04653, T.8. p(x | theta) = N(r; 0.1,
 * 0.01^2) / (pi r) in the right half plane about the shifted place.
 */
export const twoMoons: Task = {
  name: 'two_moons',
  prior: productPrior({ parameter_1: { uniform: [-1, 1] }, parameter_2: { uniform: [-1, 1] } }),
  dataNames: numbered('data', 2),
  simulate(theta, key) {
    const n = theta.length / 2
    const [angles, radii] = [uniform(key.split('angle'), n), normal(key.split('radius'), n)]
    const x = new Float64Array(2 * n)
    for (let i = 0; i < n; i++) {
      const [angle, r] = [Math.PI * (angles[i] - 0.5), radius + width * radii[i]]
      const [centre0, centre1] = shift(theta[2 * i], theta[2 * i + 1])
      x[2 * i] = centre0 + r * Math.cos(angle)
      x[2 * i + 1] = centre1 + r * Math.sin(angle)
    }
    return x
  },
  logLikelihood: (theta, x) =>
    mapRows(theta, 2, ([theta0, theta1]) => {
      const [centre0, centre1] = shift(theta0, theta1)
      const [u, v] = [x[0] - centre0, x[1] - centre1]
      if (u < 0) return -Infinity
      const r = Math.hypot(u, v)
      return -(((r - radius) / width) ** 2) / 2 - Math.log(width * Math.sqrt(2 * Math.PI) * Math.PI * r)
    }),
}
