import { join } from 'node:path'
import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import t from 'tap'
import { type ArrayValue, makeKey, normal } from '../../core/index.js'
import {
  adamW,
  adamWCorrections,
  chunksFor,
  clipByGlobalNorm,
  compile,
  compileOnWorkers,
  constant,
  emit,
  evaluate,
  exportedBytes,
  exportOnnx,
  flattenValues,
  indexConstant,
  isArrayValue,
  isTracing,
  layoutOf,
  loadTree,
  mapChunks,
  mapTree,
  microsoft,
  type OrtTensor,
  onceInTrace,
  runEager,
  saveTree,
  specOf,
  tensorsFrom,
  toArray,
  toOrt,
  toOrtTree,
  unflattenValues,
  warmupCosine,
} from '../../engine/index.js'

const pair: ArrayValue = { shape: [2], values: Float32Array.of(3, 4) }
const norm = (x: Tensor) => x.square().sum().sqrt()
const numbers = (value: unknown): number[] => [...(value as ArrayValue).values]

t.test('compile, runEager, evaluate: one program, one answer', async t => {
  const compiled = await compile(norm, [{ shape: [2] }], { threads: 1 })
  t.same(numbers(toArray((await compiled.run(pair)) as OrtTensor)), [5])
  t.same(numbers(toArray((await compiled.run(toOrt(pair))) as OrtTensor)), [5])
  await compiled.release()
  t.same(numbers(await evaluate(norm, pair)), [5])
  t.same(numbers(runEager((x: Tensor) => x.square(), pair)), [9, 16])
})

t.test('values, specs and trees', async t => {
  t.same(specOf({ shape: [2], values: Int32Array.of(3, 4) }), { shape: [2], dtype: 'int32' })
  const tree = { a: pair, b: [pair] }
  t.same(
    mapTree(tree, isArrayValue, ({ shape }) => shape.length),
    { a: 1, b: [1] },
  )
  const { a } = toOrtTree(tree) as { a: OrtTensor }
  t.same([a.dims, a.type, [...(a.data as Float32Array)]], [[2], 'float32', [3, 4]])
  const { w } = tensorsFrom({ w: pair }) as { w: Tensor }
  t.same([...w.dataSync()], [3, 4])
  const layout = layoutOf(tree)
  const flat = flattenValues(tree, layout)
  t.same([layout.size, [...flat]], [4, [3, 4, 3, 4]])
  t.same(unflattenValues(flat, layout), tree)
  const path = join(t.testdir(), 'tree.safetensors')
  saveTree(path, tree, { kind: 'maf' })
  const { tree: read, metadata } = loadTree(path, tree)
  t.same(numbers((read as typeof tree).b[0]), [3, 4])
  t.equal(metadata.kind, 'maf')
})

t.test('a function mapped over chunks', async t => {
  const values = normal(makeKey(1), 100 * 8)
  const weight = { shape: [8, 8], values: normal(makeKey(2), 64) }
  t.equal(chunksFor(100, 30), 25)
  const program = (edges: Tensor, weight: Tensor) =>
    mapChunks(({ edges }, { weight }) => edges.matMul(weight).tanh(), { edges }, { weight }, { chunks: 25 })
  const messages = await evaluate(program, { shape: [100, 8], values }, weight)
  t.same(messages.shape, [100, 8])
  const whole = await evaluate((x: Tensor, w: Tensor) => x.matMul(w).tanh(), { shape: [100, 8], values }, weight)
  t.ok(messages.values.every((value, i) => Math.abs(value - whole.values[i]) < 1e-6))
})

t.test('the pieces of an optimiser', async t => {
  t.equal(warmupCosine({ peak: 1, warmup: 10, steps: 100 }, 4), 0.5)
  const [correction1, correction2] = adamWCorrections(0)
  t.ok(Math.abs(correction1 - 10) < 1e-9 && Math.abs(correction2 - 1000) < 1e-6)
  const { gradient } = clipByGlobalNorm(tf.tensor1d([3, 4]), 1)
  t.ok(Math.abs((norm(gradient).dataSync()[0] ?? 0) - 1) < 1e-6)
  const zeros = tf.zeros([2])
  const now = { rate: tf.scalar(0.1), correction1: tf.scalar(correction1), correction2: tf.scalar(correction2) }
  const { params } = adamW({ params: zeros, m: zeros, v: zeros }, tf.tensor1d([3, -4]), now)
  t.ok(
    params.dataSync().every((value, i) => Math.abs(value - [-0.1, 0.1][i]) < 1e-5),
    'the first step has the rate',
  )
})

t.test('operations written by hand', async t => {
  const program = (x: Tensor) => {
    if (!isTracing()) return [x.softplus(), x.mul(x.sigmoid()), x.add(1)]
    const [soft] = emit('Softplus', [x], [{ shape: x.shape }])
    const [silu] = emit(microsoft('QuickGelu'), [x], [{ shape: x.shape }], { alpha: { float: 1 } })
    const ones = onceInTrace('ones 2', () => constant(new Float32Array(2).fill(1), [2]))
    const [column] = emit('Unsqueeze', [x, indexConstant([1])], [{ shape: [2, 1] }])
    return [soft, silu, column.reshape([2]).add(ones)]
  }
  const found = await evaluate(program, pair)
  const expected = runEager(program, pair) as readonly ArrayValue[]
  for (const [i, { values }] of found.entries())
    t.ok(values.every((value, j) => Math.abs(value - expected[i].values[j]) < 1e-6))
})

t.test('a program in a file, and on threads', async t => {
  const path = join(t.testdir(), 'norm.onnx')
  await exportOnnx(norm, [{ shape: [2] }], path, { names: { inputs: ['x'], outputs: ['y'] } })
  t.ok((await exportedBytes(norm, [{ shape: [2] }])).length > 0)
  const program = await compileOnWorkers((x: Tensor, scale: Tensor) => x.mul(scale), [specOf(pair), specOf(pair)], {
    workers: 2,
    kept: [pair],
  })
  const results = await program.run([[pair], [pair]])
  t.same(results.map(numbers), [
    [9, 16],
    [9, 16],
  ])
  await program.close()
})
