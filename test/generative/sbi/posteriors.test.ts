import t from 'tap'
import { type ArrayValue, makeKey, normal, parametersOf, type Tree } from '../../../core/index.js'
import { isArrayValue, mapTree } from '../../../engine/index.js'
import { drawPrior, productPrior } from '../../../generative/prior/index.js'
import {
  describeSimulations,
  type MethodName,
  makeRowMethod,
  methodNames,
  nextRound,
  simulationsOf,
  trainMethod,
} from '../../../generative/sbi/index.js'

/** Two parameters in a box, told by their sum, their product and a column that never changes. */
const prior = productPrior({ a: { uniform: [-1, 3] }, b: { uniform: [10, 11] } })
const key = makeKey(31)
const rows = 500
const theta = drawPrior(prior, rows, key)
const noise = normal(key.split('x'), rows)
const x = Float32Array.from({ length: 3 * rows }, (_, i) => {
  const [a, b] = theta.subarray(2 * Math.floor(i / 3))
  return [a + b, a * b + 0.3 * noise[Math.floor(i / 3)], 7][i % 3]
})
const table = { rows, z: Float32Array.from(prior.toNormal(theta)), x }
const statistics = describeSimulations(table)
const sizes = { layers: 1, hidden: [8], bins: 3, width: 8, blocks: 1, contrasts: 4, steps: 10, tolerance: 1e-2 }
const make = (name: MethodName) =>
  makeRowMethod(name, {
    parameters: parametersOf(prior),
    statistics,
    ...sizes,
    sampling: { particles: 100, moves: 3, last: 10 },
  })
const observation = Float64Array.from([12, 15, 7])
const how = { threads: 1 }

/** Parameters moved at random: methods begin as the regression, which would hide their networks. */
function jolted(tree: Tree<ArrayValue>, name: string): Tree<ArrayValue> {
  let count = 0
  return mapTree(tree, isArrayValue, ({ shape, values }) => {
    const moved = normal(key.split(name).split(count++), values.length)
    return { shape, values: Float32Array.from(values, (value, i) => value + 0.2 * moved[i]) }
  }) as Tree<ArrayValue>
}

for (const name of methodNames) {
  t.test(
    `${name}: whatever its parameters, draws lie in the prior's support and two members are one posterior`,
    async t => {
      const method = make(name)
      const members = ['one', 'other'].map(which => jolted(method.init(key), which))
      const both = method.posterior(members, how)
      const { theta, logProb } = await both.draw(observation, 101, key.split('draws'))
      t.equal(theta.length, 202)
      t.equal(logProb.length, 101)
      t.ok(theta.every((value, i) => (i % 2 === 0 ? value > -1 && value < 3 : value > 10 && value < 11)))

      const places = Float64Array.from([0.5, 10.5, 2, 10.2, 2.9, 10.9])
      const apart = members.map(member => method.posterior([member], how))
      if (both.logProb) {
        const [whole, one, other] = await Promise.all([both, ...apart].map(e => e.logProb!(observation, places)))
        const mixed = one.map((log, i) => Math.log(0.5 * Math.exp(log) + 0.5 * Math.exp(other[i])))
        t.ok(close(whole, mixed, 1e-3), 'a mixture of the members')
        const outside = await both.logProb(observation, Float64Array.from([4, 10.5]))
        t.equal(outside[0], Number.NEGATIVE_INFINITY)
        if (!Number.isNaN(logProb[0])) {
          t.ok(close(await both.logProb(observation, theta), logProb, 1e-2), 'draws come with their densities')
        }
      } else {
        const z = prior.toNormal(places)
        const target = both.target!(observation)
        const [whole, one, other] = await Promise.all(
          [both, ...apart].map(async e => e.target!(observation).logDensity(z)),
        )
        t.ok(
          close(
            whole,
            one.map((log, i) => (log + other[i]) / 2),
            1e-3,
          ),
          'the mean of their logarithms',
        )
        const { gradient } = await target.withGradient!(z)
        const step = 5e-3
        const differences = Array.from(gradient, async (_, i) => {
          const at = (shift: number) => target.logDensity(z.map((value, j) => (j === i ? value + shift : value)))
          const [up, down] = [await at(step), await at(-step)]
          return (up[i >> 1] - down[i >> 1]) / (2 * step)
        })
        t.ok(close(gradient, await Promise.all(differences), 0.05), 'its gradient is that of differences')
      }
      for (const posterior of [both, ...apart]) await posterior.close()
    },
  )
}

t.test('the same key trains the same bytes, another key others', async t => {
  const method = make('npe')
  const trained = (seed: string) =>
    trainMethod(method, simulationsOf(table), { batch: 64, epochs: 3, threads: 1 }, key.split(seed)).then(
      ({ params }) => JSON.stringify(params),
    )
  const [first, again, other] = [await trained('one'), await trained('one'), await trained('two')]
  t.equal(again, first)
  t.not(other, first)
})

t.test('a truncated prior is the prior where the posterior is, and nowhere else', async t => {
  const method = make('npe')
  const posterior = method.posterior([method.init(key)], how)
  const n = 3000
  const { z, kept } = await nextRound('npe', { posterior, observation, n, key, epsilon: 0.01, draws: 2000 })
  t.equal(z.length, 2 * n)
  t.ok(kept > 0.01 && kept < 0.9, `${kept} of the prior`)
  const proposals = prior.toTheta(z)
  const gain = async (theta: Float64Array) => {
    const logPrior = prior.logProb(theta)
    return (await posterior.logProb!(observation, theta)).map((log, i) => log - logPrior[i])
  }
  const lowest = Math.min(...(await gain(proposals)))
  const wide = drawPrior(prior, 20_000, key.split('check'))
  const inside = Array.from(await gain(wide), g => g >= lowest - 1e-4)
  // The prior is flat: within the region proposals and prior draws have the same means.
  for (const axis of [0, 1]) {
    const all = inside.flatMap((is, row) => (is ? [wide[2 * row + axis]] : []))
    const own = Array.from({ length: n }, (_, row) => proposals[2 * row + axis])
    const mean = (values: number[]) => values.reduce((sum, v) => sum + v, 0) / values.length
    const spread = Math.sqrt(mean(all.map(v => (v - mean(all)) ** 2)))
    t.ok(Math.abs(mean(own) - mean(all)) < 5 * spread * Math.sqrt(1 / n + 1 / all.length))
  }
  t.ok(Math.abs(inside.filter(Boolean).length / 20_000 - kept) < 0.03)
  await posterior.close()
})

function close(a: ArrayLike<number>, b: ArrayLike<number>, tolerance: number): boolean {
  return (
    a.length === b.length &&
    Array.from(a).every((value, i) => Math.abs(value - b[i]) < tolerance * (1 + Math.abs(b[i])))
  )
}
