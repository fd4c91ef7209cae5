import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import t from 'tap'
import { type ArrayValue, makeKey, normal, promiseCache, type Tree, UsageError } from '../../core/index.js'
import {
  DeviceUnavailable,
  evaluate,
  InputMismatch,
  makeEvaluator,
  ProgramFailed,
  ReadWhileTracing,
  runEager,
  toOrtTree,
} from '../../engine/index.js'

const row = (...values: number[]): ArrayValue => ({ shape: [values.length], values: Float32Array.from(values) })

/** A program that counts how often it is traced. */
function counted() {
  const traces = { count: 0 }
  const program = (x: Tensor, scale: Tensor) => {
    traces.count++
    return { scaled: x.mul(scale), parts: [x.sum(), x.greater(0)] as const }
  }
  return { traces, program }
}

t.test('it gives what the program gives when it is run eagerly, with shapes', async t => {
  const { program } = counted()
  const evaluator = makeEvaluator(program, { threads: 1 })
  const { scaled, parts } = await evaluator.run(row(1, -2, 3), 2)
  const eager = runEager(program, row(1, -2, 3), { shape: [], values: Float32Array.of(2) }) as unknown as {
    scaled: ArrayValue
    parts: readonly ArrayValue[]
  }
  t.same([...scaled.values], [...eager.scaled.values])
  t.same(scaled.shape, [3])
  t.same([parts[0].shape, [...parts[0].values]], [[], [2]])
  t.same([...parts[1].values], [1, 0, 1])
  await evaluator.close()
})

t.test('law: a set of shapes and types is compiled once, also by calls made at once', async t => {
  const { traces, program } = counted()
  const evaluator = makeEvaluator(program)
  const results = await Promise.all([1, 2, 3].map(scale => evaluator.run(row(1, 2), scale)))
  t.same(
    results.map(({ scaled }) => [...scaled.values]),
    [
      [1, 2],
      [2, 4],
      [3, 6],
    ],
  )
  t.equal(traces.count, 1)
  await evaluator.run(row(1, 2, 3), 1)
  t.equal(traces.count, 2, 'another shape')
  await evaluator.run(row(3, 2, 1), 1)
  t.equal(traces.count, 2)
  await evaluator.close()
})

t.test('tensors that are held are used where they lie, and results can be passed on', async t => {
  const params = { w: { shape: [2, 2], values: normal(makeKey(1), 4) }, b: [row(1, 2)] }
  const held = toOrtTree(params)
  let traces = 0
  const program = (p: Tree<Tensor>, x: Tensor) => {
    traces++
    const { w, b } = p as { w: Tensor; b: readonly Tensor[] }
    return x.matMul(w as tf.Tensor2D).add(b[0])
  }
  const evaluator = makeEvaluator(program)
  const x = { shape: [1, 2], values: Float32Array.of(1, 1) }
  const before = await evaluator.run(held, x)
  t.same([...before.values], [...(await evaluator.run(params, x)).values])
  t.equal(traces, 1, 'held or not, the shapes are the same')
  t.throws(() => Object.assign(held, { w: x }), TypeError, 'its form is fixed')
  params.b[0].values[0] += 1
  const after = await evaluator.run(held, x)
  t.ok(Math.abs(after.values[0] - before.values[0] - 1) < 1e-6, 'no copy was made')
  t.same((await evaluator.run(held, after)).shape, [1, 2])
  await evaluator.close()
})

t.test('keys that may be absent may be undefined', async t => {
  const program = ({ x, mask }: { x: Tensor; mask?: Tensor }) => (mask ? x.mul(mask) : x.mul(10))
  const evaluator = makeEvaluator(program)
  t.same([...(await evaluator.run({ x: row(1, 2), mask: row(0, 1) })).values], [0, 2])
  t.same([...(await evaluator.run({ x: row(1, 2), mask: undefined })).values], [10, 20])
  await evaluator.close()
})

t.test('evaluate keeps the compiled program as long as the function', async t => {
  const { traces, program } = counted()
  for (const scale of [1, 2]) {
    const { scaled } = await evaluate(program, row(1, 2), scale)
    t.same([...scaled.values], [scale, 2 * scale])
  }
  t.equal(traces.count, 1)
  const norm = (x: Tensor) => x.square().sum().sqrt()
  t.same([...(await evaluate(norm, row(3, 4))).values], [5])
})

t.test('an error names the program, has its cause and its exit code; a failed compilation is not kept', async t => {
  let isBroken = true
  const sometimes = (x: Tensor) => {
    if (isBroken) x.dataSync()
    return x.square()
  }
  const evaluator = makeEvaluator(sometimes)
  const error = await evaluator.run(row(2)).catch((thrown: unknown) => thrown)
  t.ok(error instanceof ProgramFailed)
  t.match(error, { program: 'sometimes', exitCode: 1 })
  t.match((error as ProgramFailed).message, /'sometimes'/)
  t.ok((error as ProgramFailed).cause instanceof ReadWhileTracing)
  isBroken = false
  t.same([...(await evaluator.run(row(2))).values], [4])
  await evaluator.close()

  const product = (a: Tensor, b: Tensor) => tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D)
  const matrix = (rows: number, columns: number) => ({
    shape: [rows, columns],
    values: new Float32Array(rows * columns),
  })
  await t.rejects(makeEvaluator(product, { name: 'the product' }).run(matrix(2, 3), matrix(2, 3)), /'the product'/)
  const device = makeEvaluator(product, { device: 'cuda' }).run(matrix(2, 3), matrix(3, 2))
  await device.then(
    () => t.pass('this machine has CUDA'),
    (thrown: unknown) => {
      t.match(thrown, { program: 'product', exitCode: 2 })
      t.ok((thrown as ProgramFailed).cause instanceof DeviceUnavailable)
    },
  )
  const doubles = { shape: [1, 1], values: new Float64Array(1) as unknown as Float32Array }
  const mismatch = await makeEvaluator(product)
    .run(doubles, matrix(1, 1))
    .catch((thrown: unknown) => thrown)
  t.ok((mismatch as ProgramFailed).cause instanceof InputMismatch)
})

t.test('a run that fails names the program too', async t => {
  const rows = (x: Tensor, at: Tensor) => tf.gather(x, at as tf.Tensor1D)
  const evaluator = makeEvaluator(rows)
  await t.rejects(evaluator.run(row(1, 2), { shape: [1], values: Int32Array.of(7) }), /the program 'rows'/)
  await evaluator.close()
})

t.test('closing waits for what runs, and then refuses', async t => {
  const { program } = counted()
  const evaluator = makeEvaluator(program)
  const running = evaluator.run(row(1), 1)
  await evaluator.close()
  t.same([...(await running).scaled.values], [1])
  await t.rejects(evaluator.run(row(1), 1), UsageError)
  await evaluator.close()
})

t.test('types: inputs and results have the forms that the program has', async t => {
  const { program } = counted()
  const evaluator = makeEvaluator(program, { threads: 1 })
  const typed = async () => {
    const { scaled, parts } = await evaluator.run(row(1), 1)
    const shapes: (readonly number[])[] = [scaled.shape, parts[0].shape, parts[1].shape]
    // @ts-expect-error the program returns no such tensor
    void (await evaluator.run(row(1), 1)).nope
    // @ts-expect-error two inputs are expected
    await evaluator.run(row(1)).catch(() => undefined)
    // @ts-expect-error a text is no value
    await evaluator.run('a', 1).catch(() => undefined)
    return shapes
  }
  t.same(await typed(), [[1], [], [1]])
  await evaluator.close()
})

t.test('a cache of promises: one value a key, failures forgotten, cleared in order', async t => {
  const cache = promiseCache<string, string>()
  let made = 0
  const make = async () => `${++made}`
  t.same(await Promise.all([cache.get('a', make), cache.get('a', make), cache.get('b', make)]), ['1', '1', '2'])
  await t.rejects(
    cache.get('c', () => Promise.reject(new RangeError('no'))),
    RangeError,
  )
  t.equal(await cache.get('c', make), '3')
  const released: string[] = []
  await cache.clear(value => {
    released.push(value)
  })
  t.same(released, ['1', '2', '3'])
  t.equal(await cache.get('a', make), '4')
})
