import t from 'tap'
import { DataError, type Key, makeKey, normal, UsageError } from '../../../core/index.js'
import { normalCdf } from '../../../generative/posterior/standardNormal.js'
import { drawPrior, productPrior } from '../../../generative/prior/index.js'
import { fmpe, type LearnProgress, learnPosterior, nle, npe, npse, nre } from '../../../generative/sbi/index.js'
import { exactPosterior, linearPrior, simulateLinear } from './linearTask.js'

const key = makeKey(31)

function moments(theta: Float64Array, p: number, at: number): { mean: number; sd: number } {
  const column = theta.filter((_, i) => i % p === at)
  const mean = column.reduce((sum, value) => sum + value, 0) / column.length
  return { mean, sd: Math.sqrt(column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / column.length) }
}

t.test('npe of a simulator: the known posterior of a linear Gaussian model, with the coverage it claims', async t => {
  const progress: LearnProgress[] = []
  const posterior = await npe({
    prior: linearPrior,
    simulate: async (theta, own) => simulateLinear(theta, own),
    simulations: 2000,
    steps: 300,
    key: key.split('linear'),
    onProgress: seen => progress.push(seen),
  })
  t.same(progress[1999], { phase: 'simulating', done: 2000, of: 2000 })
  t.match(progress.at(-1), { phase: 'training', of: 300, loss: Number })
  const x = [9.1, -0.8, -2.2]
  const exact = exactPosterior(Float64Array.from(x))
  const { theta, logProb } = await posterior.draw(x, 4000, key.split('draws'))
  for (const at of [0, 1]) {
    const { mean, sd } = moments(theta, 2, at)
    const deviation = Math.sqrt(exact.covariance[at][at])
    t.ok(Math.abs(mean - exact.mean[at]) < 0.08 * deviation, `mean ${mean} of ${exact.mean[at]}`)
    t.ok(Math.abs(sd / deviation - 1) < 0.05, `deviation ${sd} of ${deviation}`)
  }
  const logs = (await posterior.logProb?.(Float64Array.from(x), theta)) ?? new Float64Array()
  t.ok(logs.every((log, i) => Math.abs(log - logProb[i]) < 1e-3))

  const truths = drawPrior(linearPrior, 300, key.split('truths'))
  const observations = Array.from({ length: 300 }, (_, i) =>
    Float64Array.from(simulateLinear(truths.slice(2 * i, 2 * i + 2), key.split('observed').split(i))),
  )
  const keys = observations.map((_, i) => key.split('ranks').split(i))
  const all = (await posterior.drawMany?.(observations, 200, keys)) ?? []
  for (const at of [0, 1]) {
    const inside = all.filter(({ theta }, i) => {
      const below = theta.filter((value, j) => j % 2 === at && value < truths[2 * i + at]).length / 200
      return below > 0.16 && below < 0.84
    }).length
    t.ok(Math.abs(inside / 300 - 0.68) < 3 * Math.sqrt((0.68 * 0.32) / 300), `68% intervals hold ${inside} of 300`)
  }
  await posterior.close()
})

// theta uniform in [0, 1] and x = theta + 0.2 e: the posterior is a normal cut at both ends.
const uniformPrior = productPrior({ theta: { uniform: [0, 1] } })
const noise = 0.2
const pairs = (rows: number, own: Key) => {
  const theta = drawPrior(uniformPrior, rows, own.split('theta'))
  return { theta, x: normal(own.split('x'), rows).map((e, i) => theta[i] + noise * e) }
}
const observed = 0.9
const mass = normalCdf((1 - observed) / noise) - normalCdf(-observed / noise)
const density = (theta: number) =>
  Math.exp(-(((theta - observed) / noise) ** 2) / 2) / (noise * Math.sqrt(2 * Math.PI) * mass)
const grid = Float64Array.from({ length: 400 }, (_, i) => (i + 0.5) / 400)
const exactMean = grid.reduce((sum, theta) => sum + (theta * density(theta)) / 400, 0)
const exactSd = Math.sqrt(grid.reduce((sum, theta) => sum + ((theta - exactMean) ** 2 * density(theta)) / 400, 0))

for (const [name, learn] of Object.entries({ npe, nle, fmpe })) {
  t.test(`${name} of a table: a posterior that the prior cuts off`, async t => {
    const table = pairs(4000, key.split('pairs'))
    const posterior = await learn({ prior: uniformPrior, table, steps: 500, key: key.split(name) })
    const { theta } = await posterior.draw([observed], 2000, key.split('draws'))
    const { mean, sd } = moments(theta, 1, 0)
    t.ok(Math.abs(mean - exactMean) < 0.15 * exactSd, `mean ${mean} of ${exactMean}`)
    t.ok(Math.abs(sd / exactSd - 1) < 0.1, `deviation ${sd} of ${exactSd}`)
    t.ok(theta.every(value => value >= 0 && value <= 1))
    if (posterior.logProb) {
      const logs = await posterior.logProb([observed], grid)
      const off = logs.reduce((sum, log, i) => sum + Math.abs(Math.exp(log) - density(grid[i])) / 400, 0)
      t.ok(off < 0.15, `the density is off by ${off} of its mass`)
      t.same([...(await posterior.logProb([observed], Float64Array.of(-0.1)))], [-Infinity])
    }
    await posterior.close()
  })
}

t.test('nre and npse, whose answers methods.test.ts checks, learn by the same door', async t => {
  for (const learn of [nre, npse]) {
    const posterior = await learn({ prior: uniformPrior, table: pairs(100, key), steps: 2, key })
    t.same(posterior.parameters.names, ['theta'])
    await posterior.close()
  }
})

t.test('the same key gives the same posterior; members answer together', async t => {
  const request = { prior: uniformPrior, table: pairs(300, key), steps: 20, members: 2, key: key.split('members') }
  const [first, second] = [await npe(request), await learnPosterior({ ...request, method: 'npe' })]
  const own = key.split('draws')
  t.same(await first.draw([0.5], 50, own), await second.draw([0.5], 50, own))
  await first.close()
  await second.close()
})

t.test('what cannot be learned from is refused', async t => {
  const common = { prior: uniformPrior, key }
  await t.rejects(npe({ ...common, simulate: () => [1], simulations: 5 }), UsageError)
  await t.rejects(npe({ ...common, simulate: () => [Number.NaN], simulations: 30 }), /NaN in simulation 0/)
  await t.rejects(npe({ ...common, simulate: ([u]) => (u < 0.5 ? [1] : [1, 2]), simulations: 30 }), DataError)
  await t.rejects(npe({ ...common, table: { theta: Array(30).fill(2), x: Array(30).fill(2) } }), /theta = 2 in row 0/)
  await t.rejects(npe({ ...common, table: { theta: Array(30).fill(0.5), x: [] } }), DataError)
  const stopped = { ...common, table: pairs(100, key), signal: AbortSignal.abort() }
  await t.rejects(npe(stopped), { name: 'AbortError' })
  const posterior = await npe({ ...common, table: pairs(100, key), steps: 2 })
  await t.rejects(posterior.draw([Number.NaN], 10, key), DataError)
  await t.rejects(posterior.draw([1, 2], 10, key), UsageError)
  await posterior.close()
})
