import t from 'tap'
import { DataError, makeKey, normal, UsageError, uniform } from '../../../core/index.js'
import { fitFlow, makeFlow, splineFlow } from '../../../generative/flow/index.js'

const key = makeKey(5)
const rows = 4000
const logNormal = (u: number, sd: number) => -((u / sd) ** 2) / 2 - Math.log(sd * Math.sqrt(2 * Math.PI))

// Far from unit scale: x1 ~ N(1000 c, (20 + 30 c)^2), x2 = -0.01 x1 + 0.2 e, c in [0, 1]
const condition = uniform(key.split('c'), rows)
const deviation = (c: number) => 20 + 30 * c
const noise = normal(key.split('x'), 2 * rows)
const x = new Float64Array(2 * rows)
for (let i = 0; i < rows; i++) {
  x[2 * i] = 1000 * condition[i] + deviation(condition[i]) * noise[2 * i]
  x[2 * i + 1] = -0.01 * x[2 * i] + 0.2 * noise[2 * i + 1]
}
const exact = (first: number, second: number, c: number) =>
  logNormal(first - 1000 * c, deviation(c)) + logNormal(second + 0.01 * first, 0.2)

t.test('a conditional density in its own units: draws, densities, the same key the same flow', async t => {
  const options = { key: key.split('fit'), steps: 1500 }
  const flow = await fitFlow(splineFlow({ dim: 2, conditions: 1, layers: 2, hidden: [32] }), { x, condition }, options)
  for (const c of [0.2, 0.8]) {
    const draws = await flow.draw([c], 4000, key.split('draws'))
    const firsts = draws.filter((_, i) => i % 2 === 0)
    const mean = firsts.reduce((sum, value) => sum + value, 0) / 4000
    const sd = Math.sqrt(firsts.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 4000)
    t.ok(Math.abs(mean - 1000 * c) < 0.2 * deviation(c), `mean ${mean} of ${1000 * c}`)
    t.ok(Math.abs(sd / deviation(c) - 1) < 0.1, `deviation ${sd} of ${deviation(c)}`)
    const logs = await flow.logProb(draws, [c])
    const gap = logs.reduce((sum, log, i) => sum + log - exact(draws[2 * i], draws[2 * i + 1], c), 0) / 4000
    t.ok(gap < 0.1 && gap > -0.02, `relative entropy ${gap} nats`)
    const each = await flow.logProb(draws.subarray(0, 20), Array(10).fill(c))
    t.ok(each.every((log, i) => Math.abs(log - logs[i]) < 1e-4))
  }
  t.ok(Math.abs(flow.validation - (Math.log(34) + Math.log(0.2) + Math.log(2 * Math.PI) + 1)) < 0.15, 'held-out nats')
  await flow.close()
})

t.test('a flow without a condition, and the same key gives the same draws', async t => {
  const values = normal(key.split('plain'), 1000).map(e => 5 + 2 * e)
  const fit = () =>
    fitFlow(
      makeFlow({ kind: 'maf', dim: 1, conditions: 0, layers: 1, hidden: [8] }),
      { x: values },
      { key, steps: 200 },
    )
  const [one, other] = [await fit(), await fit()]
  const draws = await one.draw([], 500, key)
  t.same(draws, await other.draw([], 500, key))
  const [logProb] = await one.logProb([5])
  t.ok(Math.abs(logProb - logNormal(0, 2)) < 0.1, `${logProb}`)
  await one.close()
  await other.close()
})

t.test('rows of another width, or not finite, are refused', async t => {
  const flow = splineFlow({ dim: 2, conditions: 1 })
  await t.rejects(fitFlow(flow, { x: [1, 2, 3], condition: [1] }, { key }), UsageError)
  await t.rejects(fitFlow(flow, { x: [1, 2, 3, 4], condition: [1] }, { key }), UsageError)
  await t.rejects(fitFlow(flow, { x: [1, 2, 3, 4] }, { key }), UsageError)
  await t.rejects(fitFlow(flow, { x: [1, 2, 3, Number.NaN], condition: [1, 2] }, { key }), DataError)
  await t.rejects(fitFlow(flow, { x: [1, 2], condition: [1] }, { key }), DataError)
})
