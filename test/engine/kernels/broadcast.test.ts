import * as tf from '@tensorflow/tfjs'
import t from 'tap'
import { type ArrayValue, makeKey, normal, type Tree } from '../../../core/index.js'
import { compile, mapChunks, type OrtTensor, runEager, toArray } from '../../../engine/index.js'
import { trace } from '../../../engine/trace/trace.js'

const shapes = [[6, 5, 32], [6, 5, 1], [32]]
const inputs = shapes.map((shape, i) => ({ shape, values: normal(makeKey(i), shape) }))
const specs = shapes.map(shape => ({ shape }))

const withGradients =
  (loss: (x: tf.Tensor, y: tf.Tensor, z: tf.Tensor) => tf.Tensor) =>
  (...xs: tf.Tensor[]): tf.Tensor[] => {
    const { value, grads } = tf.valueAndGrads(
      (x, y, z) => tf.addN([loss(x, y, z), x, y, z].map(part => part.sum())) as tf.Scalar,
    )(xs)
    return [value, ...grads]
  }

const programs: Readonly<Record<string, (x: tf.Tensor, y: tf.Tensor, z: tf.Tensor) => tf.Tensor>> = {
  'a variance': x => x.sub(x.mean(1, true)).square().mean(1),
  'means through other operators': (x, y) =>
    x.mean(1, true).neg().exp().mul(x).add(y).div(x.square().sum(2, true).add(1)),
  'rows, columns and numbers': (x, y, z) =>
    x
      .mul(y)
      .add(z)
      .mul(tf.fill([6, 5, 32], 2))
      .sub(tf.ones([6, 5, 32])),
  'repeated, then laid out anew': (_, y, z) => y.tile([1, 1, 32]).reshape([30, 32]).mul(z).transpose(),
  'repeated twice': (_, y, z) => z.reshape([1, 1, 32]).tile([6, 1, 1]).tile([1, 5, 1]).mul(y),
  'repeated, then shared with chunks': (x, _, z) => {
    const wide = z.reshape([1, 32]).tile([5, 1]).square()
    return mapChunks((m: tf.Tensor, s: tf.Tensor) => m.mul(s), x, wide, { chunks: 3 })
  },
}

for (const [name, program] of Object.entries(programs)) {
  t.test(`${name}: broadcasts put off give what eager gives`, async t => {
    const whole = withGradients(program) as (...xs: never[]) => Tree<tf.Tensor>
    const want = runEager(whole, ...inputs) as ArrayValue[]
    const got = (await (await compile(whole, specs)).run(...inputs)) as OrtTensor[]
    for (const [i, { shape, values }] of want.entries()) {
      const largest = Math.max(...values.map(Math.abs))
      const found = toArray(got[i])
      t.same(found.shape, shape)
      t.ok(
        found.values.every((x, j) => Math.abs(x - values[j]) <= 1e-5 * largest),
        `result ${i}`,
      )
    }
  })
}

t.test('the gradient of a mean writes no repeated array', async t => {
  const program = (x: tf.Tensor): tf.Tensor => tf.grad((x: tf.Tensor) => x.mean(1, true).mul(x.square()).sum())(x)
  const traced = await trace(program, specs.slice(0, 1))
  const repeated = traced.nodes.filter(node => node.op === 'Expand' || node.op === 'Tile')
  t.same(repeated, [])
})
