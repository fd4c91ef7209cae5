import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import t from 'tap'
import { type ArrayValue, makeKey, normal, periodicBox, type Tree, uniform } from '../../../core/index.js'
import { isArrayValue, mapTree } from '../../../engine/index.js'
import type { Field } from '../../../io/galaxies/field.js'
import { toCloudBatch } from '../../../pipelines/galaxies/batches/cloudBatch.js'
import { galaxiesConfig } from '../../../pipelines/galaxies/config.js'
import { cropBatch } from '../../../pipelines/galaxies/crop.js'
import { exampleMaker } from '../../../pipelines/galaxies/examples.js'
import { makeNetwork, type NoisedInput, residualNoise } from '../../../pipelines/galaxies/network.js'

await tf.setBackend('cpu')

const box = 200
const points = 160

function field(seed: number): Field {
  const positions = uniform(makeKey(seed), points * 3).map(u => Math.min(u * box, 199.99))
  return { points, positions, box: periodicBox(box), theta: { a: seed } }
}

/** Every parameter moved away from its start, where the output is zero. */
function moved(params: Tree<ArrayValue>): Tree<Tensor> {
  let leaf = 0
  return mapTree(params, isArrayValue, ({ shape, values }) => {
    const noise = normal(makeKey(8).split(leaf++), values.length)
    return tf.tensor(
      Array.from(values, (v, i) => v + 0.3 * noise[i]),
      [...shape],
    )
  })
}

function input(tensors: Readonly<Record<string, ArrayValue>>): NoisedInput {
  const made = Object.entries(tensors).map(([name, { shape, values }]) => [
    name,
    tf.tensor(values, [...shape], values instanceof Int32Array ? 'int32' : 'float32'),
  ])
  return Object.fromEntries(made) as NoisedInput
}

for (const [kind, layers] of [
  ['egnn', 1],
  ['egnn', 2],
  ['gnn', 2],
] as const)
  t.test(`${kind}, ${layers} layers: at the core of a crop the network says what it says in the whole box`, async t => {
    const config = galaxiesConfig.parse({
      pairs: { use: false },
      network: { kind, layers, width: 8, neighbours: 5, surroundings: true },
    })
    const normalisation = { theta: { a: { mean: 0, sd: 1, min: 0, max: 2 } }, fields: 2 }
    const maker = exampleMaker({ config, box, normalisation: normalisation as never, threads: 1 })
    const batch = toCloudBatch([field(1), field(2)], { sizes: [points], names: ['a'] })
    const rows = [0, 1].map(index => ({ index, epoch: 0 }))
    const whole = await maker.make({ step: 0, batch, key: makeKey(3), rows }, new AbortController().signal, [4, 12])
    await maker.close()
    const crop = cropBatch(whole, makeKey(4), { core: 20, layers, box })
    const size = crop.tensors.mask.shape[1]
    const core = Array.from(crop.tensors.weight.values)
    t.equal(
      core.reduce((a, b) => a + b),
      40,
      'twenty points of each count',
    )
    const network = makeNetwork(config, box, 1)
    if (!network) return t.fail('expected a network')
    const params = moved(network.init(makeKey(5)))
    const say = (tensors: typeof whole.tensors) =>
      residualNoise(network, { config, box }, params, input(tensors)).dataSync()
    const [inWhole, inCrop] = [say(whole.tensors), say(crop.tensors)]
    t.ok(
      inWhole.some(v => Math.abs(v) > 1e-2),
      'it says something',
    )
    const places = { whole: whole.tensors.positions.values, crop: crop.tensors.positions.values }
    let off = 0
    for (let row = 0; row < 2; row++)
      for (let at = 0; at < 20; at++) {
        const from = 3 * (row * size + at)
        let same = -1
        for (let i = row * points; i < (row + 1) * points; i++)
          if ([0, 1, 2].every(a => places.whole[3 * i + a] === places.crop[from + a])) same = i
        t.ok(same >= 0, 'a point of its own cloud')
        for (let a = 0; a < 3; a++) off = Math.max(off, Math.abs(inCrop[from + a] - inWhole[3 * same + a]))
      }
    t.ok(off < 1e-4, `off by ${off}`)
  })
