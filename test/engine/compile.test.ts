import * as tf from '@tensorflow/tfjs'
import t from 'tap'
import { compile, toArray } from '../../src/engine/index.js'

const near = (test: Tap.Test, got: ArrayLike<number>, want: ArrayLike<number>): void => {
  const scale = Math.max(1e-30, ...Array.from(want, Math.abs))
  test.equal(got.length, want.length)
  for (let i = 0; i < want.length; i++) test.ok(Math.abs(got[i] - want[i]) <= 1e-5 * scale, `${i}: ${got[i]} ${want[i]}`)
}

t.test('a two-layer perceptron: loss and gradients, compiled equals eager', async t => {
  const program = (params: { w: tf.Tensor; b: tf.Tensor }, x: tf.Tensor): { loss: tf.Tensor; grads: tf.Tensor[] } => {
    const loss = (w: tf.Tensor, b: tf.Tensor): tf.Scalar => tf.tanh(x.matMul(w).add(b)).square().mean()
    const { value, grads } = tf.valueAndGrads(loss)([params.w, params.b])
    return { loss: value, grads }
  }
  const w = Float32Array.from({ length: 12 }, (_, i) => Math.sin(i))
  const b = Float32Array.of(0.1, -0.2, 0.3)
  const x = Float32Array.from({ length: 20 }, (_, i) => Math.cos(2 * i))
  const compiled = await compile(program, [{ w: { shape: [4, 3] }, b: { shape: [3] } }, { shape: [5, 4] }], { threads: 1 })
  const out = (await compiled.run(
    { w: { shape: [4, 3], values: w }, b: { shape: [3], values: b } },
    { shape: [5, 4], values: x },
  )) as unknown as { loss: Out; grads: Out[] }
  const eager = program({ w: tf.tensor(w, [4, 3]), b: tf.tensor(b) }, tf.tensor(x, [5, 4]))
  near(t, toArray(out.loss).values, eager.loss.dataSync())
  eager.grads.forEach((grad, i) => near(t, toArray(out.grads[i]).values, grad.dataSync()))
  t.equal(tf.getBackend(), 'cpu', 'the backend of before is back')
})

type Out = Parameters<typeof toArray>[0]
declare namespace Tap {
  type Test = typeof t
}
