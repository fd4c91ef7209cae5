import * as tf from '@tensorflow/tfjs'
import t from 'tap'
import { compile, mapChunks, toArray } from '../../engine/index.js'

const near = (
  test: { equal(a: unknown, b: unknown): boolean; ok(a: unknown, why: string): boolean },
  got: ArrayLike<number>,
  want: ArrayLike<number>,
): void => {
  const scale = Math.max(1e-30, ...Array.from(want, Math.abs))
  test.equal(got.length, want.length)
  for (let i = 0; i < want.length; i++)
    test.ok(Math.abs(got[i] - want[i]) <= 1e-5 * scale, `${i}: ${got[i]} ${want[i]}`)
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
  const compiled = await compile(program, [{ w: { shape: [4, 3] }, b: { shape: [3] } }, { shape: [5, 4] }], {
    threads: 1,
  })
  const out = (await compiled.run(
    { w: { shape: [4, 3], values: w }, b: { shape: [3], values: b } },
    { shape: [5, 4], values: x },
  )) as unknown as { loss: Out; grads: Out[] }
  const eager = program({ w: tf.tensor(w, [4, 3]), b: tf.tensor(b) }, tf.tensor(x, [5, 4]))
  near(t, toArray(out.loss).values, eager.loss.dataSync())
  for (const [i, grad] of eager.grads.entries()) near(t, toArray(out.grads[i]).values, grad.dataSync())
  t.equal(tf.getBackend(), 'cpu', 'the backend of before is back')
})

type Out = Parameters<typeof toArray>[0]

t.test('mapped chunks: results and gradients equal the whole at once', async t => {
  const message = (
    { x, y }: { x: tf.Tensor; y: tf.Tensor },
    { w, v }: { w: tf.Tensor; v: tf.Tensor },
  ): { a: tf.Tensor; b: tf.Tensor } => {
    const a = tf.tanh(x.matMul(w).mul(y))
    return { a, b: a.mul(v).sum(-1) }
  }
  const program = (x: tf.Tensor, y: tf.Tensor, w: tf.Tensor, v: tf.Tensor): tf.Tensor[] => {
    const loss = (x: tf.Tensor, y: tf.Tensor, w: tf.Tensor, v: tf.Tensor): tf.Scalar => {
      const { a, b } = mapChunks(message, { x, y }, { w, v }, { chunks: 4 })
      return a.square().sum().add(b.exp().sum()).asScalar()
    }
    const { value, grads } = tf.valueAndGrads(loss)([x, y, w, v])
    return [value, ...grads]
  }
  const shapes = [[12, 3], [12, 5], [3, 5], [5]]
  const values = shapes.map((shape, k) =>
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i * (k + 1) + k)),
  )
  const compiled = await compile(
    program,
    shapes.map(shape => ({ shape })),
  )
  const out = (await compiled.run(...shapes.map((shape, i) => ({ shape, values: values[i] })))) as Out[]
  const inputs = shapes.map((shape, i) => tf.tensor(values[i], shape))
  const eager = program(...(inputs as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]))
  for (const [i, want] of eager.entries()) near(t, toArray(out[i]).values, want.dataSync())
})

t.test('second derivatives, as score matching takes them: compiled equals eager', async t => {
  const program = (x: tf.Tensor, w: tf.Tensor): tf.Tensor[] => {
    const energy = (x: tf.Tensor, w: tf.Tensor): tf.Scalar =>
      tf.softmax(x.matMul(w).tanh()).mul(x).mean(1).square().sum() as tf.Scalar
    const loss = (x: tf.Tensor, w: tf.Tensor): tf.Scalar => {
      const score = tf.grad((x: tf.Tensor) => energy(x, w))(x)
      return score
        .square()
        .sum()
        .add(
          score
            .sum(0)
            .gather(tf.tensor1d([2, 0, 2], 'int32'))
            .prod(),
        ) as tf.Scalar
    }
    const { value, grads } = tf.valueAndGrads(loss)([x, w])
    return [value, ...grads]
  }
  const x = { shape: [5, 4], values: Float32Array.from({ length: 20 }, (_, i) => Math.cos(2 * i)) }
  const w = { shape: [4, 4], values: Float32Array.from({ length: 16 }, (_, i) => Math.sin(3 * i)) }
  const out = (await (await compile(program, [x, w])).run(x, w)) as Out[]
  const eager = program(tf.tensor(x.values, [5, 4]), tf.tensor(w.values, [4, 4]))
  for (const [i, want] of eager.entries()) near(t, toArray(out[i]).values, want.dataSync())
})
