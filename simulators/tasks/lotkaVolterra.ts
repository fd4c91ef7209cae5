import { normal } from '../../core/index.js'
import { logStandardNormal, productPrior } from '../../generative/prior/index.js'
import { solveOde } from './solveOde.js'
import { mapRows, numbered, type Task } from './task.js'

const deviation = 0.1
const times = Array.from({ length: 10 }, (_, i) => 2.1 * i)
const timeCount = times.length
const accuracy = { relative: 1e-6, absolute: 1e-6, mostSteps: 20_000 }

/** Logarithms of the prey at the ten times, then of the predators; undefined where the solver failed. */
function logNumbers([alpha, beta, gamma, delta]: ArrayLike<number> & Iterable<number>): Float64Array | undefined {
  const solved = solveOde(
    (y, into) => {
      into[0] = alpha * y[0] - beta * y[0] * y[1]
      into[1] = -gamma * y[1] + delta * y[0] * y[1]
    },
    [30, 1],
    times,
    accuracy,
  )
  const logOf = (value: number) => Math.log(Math.min(1e4, Math.max(1e-10, value)))
  return (
    solved &&
    Float64Array.from({ length: 2 * timeCount }, (_, at) =>
      logOf(solved[2 * (at % timeCount) + (at < timeCount ? 0 : 1)]),
    )
  )
}

/**
 * Prey and predators, 30 and 1 at first, observed at times 0, 2.1, …, 18.9 with lognormal errors of 0.1: d prey/dt =
 * alpha prey - beta prey predators, d predators/dt = -gamma predators + delta prey predators. Lotka 1920; Lueckmann et
 * al. 2021, arXiv 2101.04653, T.10.
 */
export const lotkaVolterra: Task = {
  name: 'lotka_volterra',
  prior: productPrior({
    alpha: { lognormal: [-0.125, 0.5] },
    beta: { lognormal: [-3, 0.5] },
    gamma: { lognormal: [-0.125, 0.5] },
    delta: { lognormal: [-3, 0.5] },
  }),
  dataNames: [...numbered('prey', timeCount), ...numbered('predators', timeCount)],
  simulate(theta, key) {
    const n = theta.length / 4
    const noise = normal(key, 2 * timeCount * n)
    const x = new Float64Array(2 * timeCount * n).fill(Number.NaN)
    for (let row = 0; row < n; row++)
      logNumbers(theta.subarray(4 * row, 4 * row + 4))?.forEach((log, i) => {
        const at = 2 * timeCount * row + i
        x[at] = Math.exp(log + deviation * noise[at])
      })
    return x
  },
  logLikelihood: (theta, x) =>
    mapRows(
      theta,
      4,
      row =>
        logNumbers(row)?.reduce(
          (sum, log, i) => sum + logStandardNormal((Math.log(x[i]) - log) / deviation) - Math.log(deviation * x[i]),
          0,
        ) ?? -Infinity,
    ),
}
