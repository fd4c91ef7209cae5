import * as tf from '@tensorflow/tfjs'
import t from 'tap'
import { compile, constant, isTracing, type OrtTensor, onceInTrace, toArray } from '../../../engine/index.js'

const numbersOf = (out: unknown): number[] => [...toArray(out as OrtTensor).values]

t.test('ones and zeros are made when the graph runs, not stored', async t => {
  const program = (x: tf.Tensor): tf.Tensor[] => {
    const { grads } = tf.valueAndGrads((x: tf.Tensor) => tf.split(x, 2)[0].sum() as tf.Scalar)([x])
    return [
      x
        .add(tf.ones([500, 500]))
        .add(tf.zerosLike(x))
        .add(tf.fill([500, 500], 3)),
      ...grads,
    ]
  }
  const compiled = await compile(program, [{ shape: [500, 500] }])
  t.ok(compiled.bytes.length < 10_000, `${compiled.bytes.length} bytes`)
})

t.test('what the outputs do not need is omitted', async t => {
  const lean = await compile((x: tf.Tensor) => x.square(), [{ shape: [3] }])
  const wasteful = await compile(
    (x: tf.Tensor) => {
      tf.softmax(x.exp())
      return x.square()
    },
    [{ shape: [3] }],
  )
  t.equal(wasteful.nodes, lean.nodes)
})

t.test('outputs that are inputs, constants or each other', async t => {
  const program = (x: tf.Tensor): tf.Tensor[] => {
    const y = x.neg()
    return [x, y, y, tf.tensor([7, 8]), tf.ones([2]), x]
  }
  const compiled = await compile(program, [{ shape: [2] }])
  const out = (await compiled.run({ shape: [2], values: Float32Array.of(1, 2) })) as OrtTensor[]
  t.same(out.map(numbersOf), [
    [1, 2],
    [-1, -2],
    [-1, -2],
    [7, 8],
    [1, 1],
    [1, 2],
  ])
})

t.test('tensors of another backend become constants and stay alive', async t => {
  const table = tf.tensor([10, 20, 30])
  const compiled = await compile((x: tf.Tensor) => x.add(table), [{ shape: [3] }])
  t.same(numbersOf(await compiled.run({ shape: [3], values: Float32Array.of(1, 2, 3) })), [11, 22, 33])
  t.same([...table.dataSync()], [10, 20, 30])
})

t.test('results go in again as they are', async t => {
  const compiled = await compile((state: { a: tf.Tensor }) => ({ a: state.a.mul(2) }), [{ a: { shape: [2] } }])
  let state = await compiled.run({ a: { shape: [2], values: Float32Array.of(1, 3) } })
  for (let i = 0; i < 9; i++) state = await compiled.run(state)
  t.same(numbersOf((state as { a: OrtTensor }).a), [1024, 3072])
})

t.test('helpers of hand-written operations', async t => {
  t.notOk(isTracing())
  let made = 0
  const seven = (): tf.Tensor =>
    onceInTrace('seven', () => {
      made++
      return constant([7], [1])
    })
  const compiled = await compile(
    (x: tf.Tensor) => {
      t.ok(isTracing())
      return x.add(seven()).mul(seven())
    },
    [{ shape: [1] }],
  )
  t.equal(made, 1)
  t.same(numbersOf(await compiled.run({ shape: [1], values: Float32Array.of(1) })), [56])
  t.throws(() => constant([1], [1]), /isTracing/)
})

t.test('a strided slice that drops an axis', async t => {
  // numpy: np.arange(30.).reshape(6, 5)[2, 0:5:2] -> [10., 12., 14.]  (the cpu backend of tfjs gives 2, 3, 4)
  const program = (x: tf.Tensor): tf.Tensor => tf.stridedSlice(x, [2, 0], [3, 5], [1, 2], 0, 0, 0, 0, 1)
  const compiled = await compile(program, [{ shape: [6, 5] }])
  const values = Float32Array.from({ length: 30 }, (_, i) => i)
  t.same(numbersOf(await compiled.run({ shape: [6, 5], values })), [10, 12, 14])
})

t.test('the same program gives the same bytes', async t => {
  const program = (x: tf.Tensor): tf.Tensor => tf.grad((x: tf.Tensor) => tf.softmax(x.square()).mul(x).sum())(x)
  const twice = [await compile(program, [{ shape: [8] }]), await compile(program, [{ shape: [8] }])]
  t.same(twice[0].bytes, twice[1].bytes)
})
