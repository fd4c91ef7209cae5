import * as tf from '@tensorflow/tfjs'
import fc from 'fast-check'
import t from 'tap'
import { type CloudInput, type Key, makeKey, type Network, type Tree, wrap } from '../../../core/index.js'
import { networks as entries, NeighboursMissing, networkKinds } from '../../../gnn/networks/index.js'
import { awake, begun, type Clouds, difference, inputOf, orthogonal, permuted, randomClouds, turned } from './clouds.js'
import { networks } from './dictionary.js'

const tolerance = 2e-5

await tf.setBackend('cpu')

/** Runs a law over a few seeds; fast-check prints the seed that breaks it. */
function holds(law: (key: Key) => void) {
  fc.assert(
    fc.property(fc.nat(), seed => tf.tidy(() => law(makeKey(seed)))),
    { numRuns: 4, seed: 3 },
  )
}

function output(network: Network, params: Tree<tf.Tensor>, input: CloudInput): number[][][] {
  return network.apply(params, input).arraySync() as number[][][]
}

function same(a: number[][][], b: number[][][], what: string) {
  const apart = difference(a.flat(2), b.flat(2))
  if (!(apart < tolerance)) throw new Error(`${what}: apart by ${apart} of the largest entry`)
}

/** The output at real points only, cloud by cloud. */
function atReal(clouds: Clouds, y: number[][][]): number[][][] {
  return y.map((rows, b) => rows.slice(0, clouds.real[b]))
}

const lifted = (clouds: Clouds, shift: number[]): Clouds => ({
  ...clouds,
  positions: clouds.positions.map(rows => rows.map(x => x.map((v, axis) => v + shift[axis]))),
})

for (const [name, { make, outputs, translation, wrapping, vectors }] of Object.entries(networks)) {
  t.test(name, async t => {
    const params = (key: Key) => awake(make.init(key.split('init')), key.split('awake'))

    t.test('begins at zero and answers [batch, points, outputs]', async t => {
      const key = makeKey(11)
      const clouds = randomClouds(key)
      const first = tf.tidy(() => output(make, begun(make.init(key)), inputOf(clouds)))
      t.same([first.length, first[0].length, first[0][0].length], [2, 7, outputs])
      t.ok(first.flat(2).every(v => v === 0))
      const woken = tf.tidy(() => output(make, params(key), inputOf(clouds)))
      t.ok(woken[0].flat().every(v => Number.isFinite(v) && v !== 0))
      t.ok(
        woken[1]
          .slice(clouds.real[1])
          .flat()
          .every(v => v === 0),
        'padding answers 0',
      )
    })

    t.test('another order of the points gives the same answers in that order', async () =>
      holds(key => {
        const clouds = randomClouds(key)
        const p = params(key)
        const { clouds: other, order } = permuted(clouds, key.split('order'))
        const y = output(make, p, inputOf(clouds))
        same(
          y.map(rows => order.map(i => rows[i])),
          output(make, p, inputOf(other)),
          'permuted',
        )
      }),
    )

    t.test('padding changes nothing at real points', async () =>
      holds(key => {
        const clouds = randomClouds(key, { padding: 3 })
        const p = params(key)
        const other = randomClouds(key.split('other'))
        const refill = (rows: number[][], b: number, fill: number[][]) =>
          rows.map((r, i) => (i < clouds.real[b] ? r : fill[i]))
        const refilled = {
          ...clouds,
          positions: clouds.positions.map((rows, b) => refill(rows, b, other.positions[b])),
          features: clouds.features.map((rows, b) => refill(rows, b, other.features[b])),
        }
        const longer = {
          ...clouds,
          points: clouds.points + 2,
          positions: clouds.positions.map((rows, b) => [...rows, ...other.positions[b].slice(0, 2)]),
          features: clouds.features.map((rows, b) => [...rows, ...other.features[b].slice(0, 2)]),
        }
        const y = atReal(clouds, output(make, p, inputOf(clouds)))
        same(y, atReal(clouds, output(make, p, inputOf(refilled))), 'other values in the padding')
        same(y, atReal(clouds, output(make, p, inputOf(longer))), 'more padding')
      }),
    )

    t.test('senders that are padding send nothing', { skip: translation ? false : 'no neighbours' }, async () =>
      holds(key => {
        const clouds = randomClouds(key, { batch: 1, points: 8 })
        const p = params(key)
        const full = inputOf(clouds)
        const mask = tf.tensor2d([[1, 1, 1, 1, 1, 1, 0, 0]])
        const y = output(make, p, { ...full, mask })
        const features = tf.add(full.features!, tf.scalar(3).mul(tf.sub(1, mask).expandDims(2)))
        same(y, output(make, p, { ...full, mask, features }), 'features of padding')
      }),
    )

    t.test('a cloud does not know its batch', async () =>
      holds(key => {
        const clouds = randomClouds(key, { batch: 3 })
        const p = params(key)
        const y = output(make, p, inputOf(clouds))
        for (let b = 0; b < 3; b++) {
          const alone = {
            ...clouds,
            batch: 1,
            positions: [clouds.positions[b]],
            features: [clouds.features[b]],
            condition: [clouds.condition[b]],
            real: [clouds.real[b]],
          }
          same([y[b]], output(make, p, inputOf(alone)), `cloud ${b} alone`)
        }
      }),
    )

    t.test('a shift of the periodic box changes nothing', { skip: translation ? false : 'not claimed' }, async () =>
      holds(key => {
        const clouds = randomClouds(key)
        const p = params(key)
        const moved = lifted(clouds, [0.7, 1.3, -0.4])
        const wrapped = { ...moved, positions: moved.positions.map(rows => rows.map(x => x.map(v => wrap(v, 2)))) }
        same(output(make, p, inputOf(clouds)), output(make, p, inputOf(wrapped)), 'shifted')
      }),
    )

    t.test('a wrapped point is the same point', { skip: wrapping ? false : 'not claimed' }, async () =>
      holds(key => {
        const clouds = randomClouds(key)
        const p = params(key)
        same(output(make, p, inputOf(clouds)), output(make, p, inputOf(lifted(clouds, [2, -4, 0]))), 'wrapped')
      }),
    )

    t.test('rotations and reflections turn the vectors', { skip: vectors ? false : 'not claimed' }, async () =>
      holds(key => {
        const clouds = { ...randomClouds(key), box: [null, null, null] }
        const p = params(key)
        const matrix = orthogonal(key.split('matrix'), 3)
        const y = output(make, p, inputOf(clouds))
        const turn = (v: number[]) => matrix.map(row => row.reduce((sum, m, a) => sum + m * v[a], 0))
        const expected = y.map(rows =>
          rows.map(v => {
            const turnedVectors = Array.from({ length: vectors! }, (_, i) => turn(v.slice(3 * i, 3 * i + 3)))
            return [...turnedVectors.flat(), ...v.slice(3 * vectors!)]
          }),
        )
        same(expected, output(make, p, inputOf(turned(clouds, matrix))), 'turned')
      }),
    )
  })
}

t.test('a network asks for neighbours where its entry says so, and reads none where it does not', async t => {
  for (const kind of networkKinds) {
    const { make } = networks[`named ${kind}`]
    const params = awake(make.init(makeKey(1)), makeKey(2))
    const { senders: _, displacements: __, ...bare } = inputOf(randomClouds(makeKey(3)))
    const without = () => output(make, params, bare)
    if (entries[kind].needsNeighbours) t.throws(without, NeighboursMissing, kind)
    else t.same(without(), output(make, params, inputOf(randomClouds(makeKey(3)))), kind)
  }
})
