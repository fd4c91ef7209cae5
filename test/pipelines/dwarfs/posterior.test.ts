import t from 'tap'
import { type ArrayValue, makeKey, normal } from '../../../core/index.js'
import type { Dwarf } from '../../../io/dwarfs/dwarf.js'
import { dwarfsConfig } from '../../../pipelines/dwarfs/config.js'
import { type DwarfsModel, dwarfMethod } from '../../../pipelines/dwarfs/model.js'
import { parametersUnder } from '../../../pipelines/dwarfs/parameters.js'
import { type DwarfTheta, dwarfNames, dwarfPrior, priorNames, toCoordinates } from '../../../simulators/dwarfs/index.js'
import { strewn } from './tiny.js'

const key = makeKey(61)
const config = dwarfsConfig.parse({
  embedding: { width: 8, layers: 1, outputs: 4 },
  flow: { layers: 2, width: 8, bins: 4 },
})
const parameters = parametersUnder(dwarfPrior)
const method = dwarfMethod(config, parameters)

/**
 * A network as no training left it: its parameters moved at random, so that it is neither the prior nor pressed against
 * the walls of the box.
 */
function member(name: string, by = 0.1) {
  const own = key.split(name)
  let count = 0
  const jolt = (node: unknown): unknown => {
    if (typeof node !== 'object' || node === null) return node
    if (Array.isArray(node)) return node.map(jolt)
    const { shape, values } = node as ArrayValue
    if (values instanceof Float32Array && Array.isArray(shape)) {
      const noise = normal(own.split(count++), values.length)
      return { shape, values: values.map((x, i) => x + by * noise[i]) }
    }
    return Object.fromEntries(Object.entries(node).map(([at, part]) => [at, jolt(part)]))
  }
  return jolt(method.init(own)) as DwarfsModel['members'][number]
}

const [a, b] = [member('a'), member('b')]
const galaxies: Dwarf[] = [20, 40, 33, 9, 25].map((stars, i) => strewn(key.split(i), stars, i % 2 === 1))
const keys = galaxies.map((_, i) => key.split('draws').split(i))

/** Draws of some galaxies under a model. */
async function drawn(members: DwarfsModel['members'], dwarfs: readonly Dwarf[], n: number, own = keys) {
  const posterior = method.posterior(members, { threads: 1 })
  try {
    return {
      draws: await posterior.drawMany(dwarfs, n, own.slice(0, dwarfs.length)),
      summaries: (await posterior.summaries?.(dwarfs)) ?? [],
    }
  } finally {
    await posterior.close()
  }
}

/** theta `[n, 6]` in the coordinates in which the prior is flat. */
function coordinatesOf(theta: Float64Array): number[] {
  return Array.from({ length: theta.length / 6 }, (_, row) =>
    toCoordinates(Object.fromEntries(dwarfNames.map((name, i) => [name, theta[6 * row + i]])) as DwarfTheta),
  ).flat()
}

function closest(x: ArrayLike<number>, y: ArrayLike<number>, within: number): boolean {
  return x.length === y.length && Array.from(x).every((value, i) => Math.abs(value - y[i]) <= within)
}

t.test('law: no draw lies outside the box of the prior, and theta is the same point as its coordinates', async t => {
  const { draws } = await drawn([a, b], galaxies, 600)
  for (const { theta, logProb, problems } of draws) {
    t.same([theta.length, logProb.length, problems], [3600, 600, []])
    const inside = coordinatesOf(theta).every((x, at) => {
      const [low, high] = dwarfPrior[priorNames[at % 6]]
      return x >= low - 1e-6 * Math.abs(low) && x <= high + 1e-6 * Math.abs(high)
    })
    t.ok(inside)
    t.ok(closest(parameters.prior.toTheta(parameters.prior.toNormal(theta)), theta, 1e-5))
    t.ok(logProb.every(Number.isFinite))
  }
})

t.test('law: a galaxy is told the same whichever others are asked with it', async t => {
  const { draws, summaries } = await drawn([a, b], galaxies, 100)
  for (const [i, galaxy] of galaxies.entries()) {
    const alone = await drawn([a, b], [galaxy], 100, [keys[i]])
    // Sums of float32 in another order where the matrices are of another size
    t.ok(closest(alone.draws[0].theta, draws[i].theta, 2e-4), `draws of galaxy ${i}`)
    t.ok(closest(alone.draws[0].logProb, draws[i].logProb, 2e-3))
    t.ok(closest(alone.summaries[0], summaries[i], 1e-4))
  }
  t.notOk(closest(draws[0].theta, draws[1].theta, 1e-2))
})

t.test('draws of an ensemble are those of each network, their density the mean of both', async t => {
  const one = galaxies.slice(0, 1)
  const [both, first, second] = [
    await drawn([a, b], one, 200),
    await drawn([a, a], one, 200),
    await drawn([b, b], one, 200),
  ].map(({ draws }) => draws[0])
  const isOf = (one: typeof both, row: number) =>
    closest(both.theta.subarray(6 * row, 6 * row + 6), one.theta.subarray(6 * row, 6 * row + 6), 1e-5)
  // By turns; the key says which network begins.
  const begins = isOf(first, 0) ? 0 : 1
  const all = Array.from({ length: 200 }, (_, row) => row)
  const ofFirst = all.filter(row => row % 2 === begins)
  t.ok(
    ofFirst.every(row => isOf(first, row)),
    'half of the one',
  )
  t.ok(
    all.filter(row => row % 2 !== begins).every(row => isOf(second, row)),
    'half of the other',
  )
  // log((qa + qb) / 2) of a point drawn from qa is log qa - log 2 at least
  const gain = ofFirst.map(row => both.logProb[row] - first.logProb[row])
  t.ok(gain.every(x => x >= -Math.LN2 - 1e-3))
  t.ok(gain.some(x => x < -0.1) && gain.some(x => x > -Math.LN2 + 0.1), 'and not the density of one of them')
})

t.test(
  'law: the density of the draws is a density: the mean of 1/q over draws from q is the volume of the box',
  async t => {
    // Of draws from q the mean of 1/q is the volume where q > 0; an ensemble's density is held to it too.
    const mild = [member('mild', 0.06), member('mild too', 0.06)]
    const volume = priorNames.reduce((product, name) => product * (dwarfPrior[name][1] - dwarfPrior[name][0]), 1)
    for (const members of [mild.slice(0, 1), mild]) {
      const { draws } = await drawn(members, galaxies.slice(2, 3), 8000)
      const ratios = Float64Array.from(draws[0].logProb, log => Math.exp(-log) / volume)
      const mean = ratios.reduce((x, y) => x + y, 0) / ratios.length
      const error = Math.sqrt(ratios.reduce((sum, x) => sum + (x - mean) ** 2, 0)) / ratios.length
      t.ok(error < 0.1, `error ${error}`)
      t.ok(Math.abs(mean - 1) < 4 * error, `${members.length} networks: ${mean} +- ${error}`)
      const spread = draws[0].logProb.reduce((most, x) => Math.max(most, x), -99) + Math.log(volume)
      t.ok(spread > 0.05, `and q is not the prior: up to ${spread} nats above it`)
    }
  },
)
