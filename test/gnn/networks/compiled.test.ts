import * as tf from '@tensorflow/tfjs'
import { InferenceSession, Tensor as OrtValue } from 'onnxruntime-node'
import t from 'tap'
import { type ArrayValue, type CloudInput, makeKey, normal, type Tree } from '../../../core/index.js'
import { compile, exportedBytes, type OrtTensor, toArray } from '../../../engine/index.js'
import { awake, difference, inputOf, leavesOf, randomClouds, withLeaves } from './clouds.js'
import { networks } from './dictionary.js'

await tf.setBackend('cpu')

const values = (x: tf.Tensor): ArrayValue => ({ shape: x.shape, values: x.dataSync() as Float32Array })
const ortOf = (x: tf.Tensor) => new OrtValue(x.dtype as 'float32', x.dataSync() as Float32Array, x.shape)
const specOf = (x: tf.Tensor) => ({ shape: x.shape, dtype: x.dtype as 'float32' | 'int32' })

for (const [name, { make }] of Object.entries(networks)) {
  t.test(`${name}: compiled equals eager, forward and gradients`, async t => {
    const key = makeKey(17)
    const params = awake(make.init(key), key.split('awake'))
    const leaves = leavesOf(params)
    const input = inputOf(randomClouds(key.split('clouds'), { points: 10, k: 4 }))
    const given = Object.entries(input).filter(([, x]) => x !== undefined) as [string, tf.Tensor][]
    const asInput = (tensors: readonly tf.Tensor[]) =>
      Object.fromEntries(given.map(([n], i) => [n, tensors[i]])) as unknown as CloudInput
    const weight = tf.tensor(
      normal(key.split('weight'), make.apply(params, input).shape),
      make.apply(params, input).shape,
    )

    const forward = (ps: tf.Tensor[], xs: tf.Tensor[]) => make.apply(withLeaves(params, ps), asInput(xs))
    const step = (ps: tf.Tensor[], xs: tf.Tensor[]): tf.Tensor[] => {
      const loss = (...at: tf.Tensor[]): tf.Scalar => forward(at, xs).mul(weight).sum()
      return [forward(ps, xs), ...tf.valueAndGrads(loss)(ps).grads]
    }
    const tensors = given.map(([, x]) => x)
    const eager = tf.tidy(() => step(leaves, tensors)).map(x => values(x).values)
    for (const threads of [1, 2]) {
      const compiled = await compile(step, [leaves.map(specOf), tensors.map(specOf)], { threads })
      const results = (await compiled.run(leaves.map(values), tensors.map(values))) as Tree<OrtTensor>[]
      const apart = results.map((r, i) => difference(eager[i], toArray(r as OrtTensor).values))
      t.equal(results.length, leaves.length + 1)
      t.ok(apart[0] < 1e-5, `forward, ${threads} threads: apart by ${apart[0]}`)
      const worst = Math.max(...apart.slice(1))
      t.ok(
        worst < 1e-5,
        `gradients, ${threads} threads: apart by ${worst} of the largest entry (leaf ${apart.indexOf(worst)})`,
      )
      await compiled.release()
    }
    const exported = await exportedBytes(forward, [leaves.map(specOf), tensors.map(specOf)])
    const session = await InferenceSession.create(exported)
    const feeds = Object.fromEntries([...leaves, ...tensors].map((x, i) => [session.inputNames[i], ortOf(x)]))
    const out = (await session.run(feeds))[session.outputNames[0]].data as Float32Array
    t.ok(difference(eager[0], out) < 1e-5, 'a model of standard operators alone gives the same')
    await session.release()
  })
}
