import t from 'tap'
import { type Draws, makeKey, parametersOf } from '../../../core/index.js'
import {
  describeSimulations,
  type MethodName,
  makeRowMethod,
  methodNames,
  type RowReaderOptions,
  simulationsOf,
  trainMethod,
} from '../../../generative/sbi/index.js'
import { exactPosterior, linearPrior, linearTable, parameters } from './linearTask.js'

const key = makeKey(20)
const table = linearTable(4500, key.split('simulations'))
const statistics = describeSimulations(table)
const x = Float64Array.from([9.1, -0.8, -2.2])
const exact = exactPosterior(x)
const sizes = { layers: 2, hidden: [24], bins: 4, width: 24, blocks: 1, contrasts: 8, sampling: { last: 15, moves: 5 } }
const make = (name: MethodName, more: RowReaderOptions = {}) =>
  makeRowMethod(name, { parameters: parametersOf(linearPrior), statistics, ...sizes, ...more })
const steps: Record<MethodName, number> = { npe: 10, nle: 7, nre: 8, fmpe: 14, npse: 14 }

/**
 * Largest deviations of the draws' mean (in posterior deviations) and covariance (as a share of the variances) from the
 * exact ones.
 */
function deviations({ theta }: Draws): { mean: number; covariance: number } {
  const n = theta.length / parameters
  const mean = exact.mean.map((_, i) => theta.reduce((sum, v, at) => (at % parameters === i ? sum + v : sum), 0) / n)
  const sd = exact.covariance.map((row, i) => Math.sqrt(row[i]))
  const off = { mean: 0, covariance: 0 }
  for (let i = 0; i < parameters; i++) {
    off.mean = Math.max(off.mean, Math.abs(mean[i] - exact.mean[i]) / sd[i])
    for (let j = 0; j < parameters; j++) {
      let sum = 0
      for (let row = 0; row < n; row++)
        sum += (theta[row * parameters + i] - mean[i]) * (theta[row * parameters + j] - mean[j])
      off.covariance = Math.max(off.covariance, Math.abs(sum / n - exact.covariance[i][j]) / (sd[i] * sd[j]))
    }
  }
  return off
}

for (const name of methodNames) {
  t.test(`${name}: learns the exact posterior of a linear Gaussian simulator, from the prior on`, async t => {
    const method = make(name, { start: 'prior' })
    const training = { batch: 128, epochs: steps[name], peak: 6e-3, ema: 0.98, threads: 1 }
    const { params } = await trainMethod(method, simulationsOf(table), training, key.split('training'))
    const posterior = method.posterior([params], { threads: 1 })
    const draws = await posterior.draw(x, 2000, key.split('draws'))
    const off = deviations(draws)
    t.ok(off.mean < 0.15, `mean within ${off.mean} deviations`)
    t.ok(off.covariance < 0.2, `covariance within ${off.covariance}`)
    const again = await posterior.draw(x, 2000, key.split('draws'))
    t.same(Buffer.from(again.theta.buffer), Buffer.from(draws.theta.buffer), 'the same key draws the same bytes')

    if (posterior.logProb) {
      const [side, low, high] = [32, [-6, -3.5], [8, 1.5]]
      const grid = Float64Array.from({ length: side * side * 2 }, (_, at) => {
        const [row, axis] = [at >> 1, at % 2]
        const place = axis === 0 ? Math.floor(row / side) : row % side
        return low[axis] + ((place + 0.5) / side) * (high[axis] - low[axis])
      })
      const logs = await posterior.logProb(x, grid)
      const cell = ((high[0] - low[0]) * (high[1] - low[1])) / side ** 2
      const mass = logs.reduce((sum, log) => sum + Math.exp(log) * cell, 0)
      t.ok(Math.abs(mass - 1) < 0.02, `the density has mass ${mass}`)
    }
    await posterior.close()
  })
}
