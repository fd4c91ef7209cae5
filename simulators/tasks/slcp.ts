import { type Key, normal } from '../../core/index.js'
import { distractors } from './distractors.js'
import { box } from './gaussians.js'
import { mapRows, numbered, type Task } from './task.js'

const points = 4
/** Added to both variances, as the benchmark does. */
const varianceFloor = 1e-6

const prior = box(5, 3)

/**
 * Mean, variances and covariance of the four points: theta holds the mean, the roots of the two deviations and the
 * inverse tanh of the correlation.
 */
function momentsOf(theta: Float64Array) {
  const [first, second] = [theta[2] ** 2, theta[3] ** 2]
  return {
    variance0: first ** 2 + varianceFloor,
    variance1: second ** 2 + varianceFloor,
    covariance: Math.tanh(theta[4]) * first * second,
  }
}

function simulate(theta: Float64Array, key: Key): Float64Array {
  const n = theta.length / 5
  const noise = normal(key, 2 * points * n)
  const x = new Float64Array(2 * points * n)
  for (let row = 0; row < n; row++) {
    const own = theta.subarray(5 * row, 5 * row + 5)
    const { variance0, variance1, covariance } = momentsOf(own)
    const first = Math.sqrt(variance0)
    const slope = covariance / first
    const second = Math.sqrt(variance1 - slope ** 2)
    for (let at = 2 * points * row; at < 2 * points * (row + 1); at += 2) {
      x[at] = own[0] + first * noise[at]
      x[at + 1] = own[1] + slope * noise[at] + second * noise[at + 1]
    }
  }
  return x
}

function logLikelihood(theta: Float64Array, x: Float64Array): Float64Array {
  return mapRows(theta, 5, own => {
    const { variance0, variance1, covariance } = momentsOf(own)
    const determinant = variance0 * variance1 - covariance ** 2
    let squares = 0
    for (let at = 0; at < 2 * points; at += 2) {
      const [u, v] = [x[at] - own[0], x[at + 1] - own[1]]
      squares += (variance1 * u * u - 2 * covariance * u * v + variance0 * v * v) / determinant
    }
    return -squares / 2 - points * (Math.log(2 * Math.PI) + Math.log(determinant) / 2)
  })
}

/**
 * Simple likelihood, complex posterior: four points of a normal distribution in the plane whose moments are made of
 * theta, with four symmetric modes. Papamakarios et al. 2019, arXiv 1805.07226; Lueckmann et al. 2021, arXiv
 * 2101.04653, T.3.
 */
export const slcp: Task = { name: 'slcp', prior, dataNames: numbered('data', 2 * points), simulate, logLikelihood }

/** The same among 92 numbers that do not depend on theta, in a fixed disorder: T.4 of the same. */
export const slcpDistractors: Task = {
  name: 'slcp_distractors',
  prior,
  dataNames: numbered('data', 100),
  simulate(theta, key) {
    // the names of the keys are those of the first version: others would draw other numbers
    const data = simulate(theta, key.split('told'))
    return distractors().mixedInto(data, 2 * points, key.split('untold'))
  },
  logLikelihood: (theta, x) => logLikelihood(theta, distractors().dataOf(x, 2 * points)),
}
