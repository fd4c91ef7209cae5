import * as tf from '@tensorflow/tfjs'
import t from 'tap'
import { type ArrayValue, integers, makeKey } from '../../../src/core/index.js'
import { gatherSenders } from '../../../src/engine/fused/index.js'
import { compile, type OrtTensor, toArray } from '../../../src/engine/index.js'
import { feedsOf } from '../../../src/gnn/layers/index.js'
import { type Case, fused, numbers } from './dictionary.js'

await tf.setBackend('cpu')

const values = (x: tf.Tensor): ArrayValue => ({ shape: x.shape, values: x.dataSync() as Float32Array })
const specOf = (x: tf.Tensor) => ({ shape: x.shape, dtype: x.dtype as 'float32' | 'int32' })

/** The value, and the gradient of its product with fixed numbers, in every input. */
function step({ run }: Case, weight: tf.Tensor) {
  return (inputs: readonly tf.Tensor[], fixed: Record<string, tf.Tensor>): tf.Tensor[] => {
    const loss = (...at: tf.Tensor[]): tf.Scalar => run(at, fixed).mul(weight).sum()
    return [run(inputs, fixed), ...tf.valueAndGrads(loss)([...inputs]).grads]
  }
}

function apart(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY
  const largest = Math.max(1e-30, ...Array.from(a, Math.abs))
  return (
    Math.max(...Array.from(a, (v, i) => (Number.isFinite(b[i]) ? Math.abs(v - b[i]) : Number.POSITIVE_INFINITY))) / largest
  )
}

for (const [name, operation] of Object.entries(fused)) {
  t.test(`${name}: compiled equals eager, forward and gradients`, async t => {
    const inputs = operation.inputs.map((shape, i) => numbers(shape, `${name} ${i}`))
    const fixed = operation.fixed?.() ?? {}
    const program = step(operation, numbers(operation.run(inputs, fixed).shape, 'weight'))
    const eager = program(inputs, fixed).map(x => values(x).values)
    t.ok(eager.every(v => v.some(x => x !== 0)))
    const given = Object.fromEntries(Object.entries(fixed).map(([n, x]) => [n, values(x)]))
    const specs = Object.fromEntries(Object.entries(fixed).map(([n, x]) => [n, specOf(x)]))
    for (const threads of [1, 2]) {
      const compiled = await compile(program, [inputs.map(specOf), specs], { threads })
      const results = ((await compiled.run(inputs.map(values), given)) as OrtTensor[]).map(toArray)
      results.forEach((r, i) => {
        const largest = apart(eager[i], r.values)
        t.ok(largest < 1e-5, `${threads} threads, ${i ? `gradient ${i - 1}` : 'forward'}: apart by ${largest}`)
      })
      await compiled.release()
    }
    // The forward pass alone takes other operators where nothing is kept for a gradient.
    const forward = await compile(
      (at: readonly tf.Tensor[], f: Record<string, tf.Tensor>) => operation.run(at, f),
      [inputs.map(specOf), specs],
    )
    const alone = toArray((await forward.run(inputs.map(values), given)) as OrtTensor)
    t.ok(apart(eager[0], alone.values) < 1e-5, 'forward alone')
    await forward.release()
  })
}

t.test('the gradient of a gather with feeds counts exactly on two threads', async t => {
  const [points, k, channels] = [500, 40, 64]
  const senders = integers(makeKey(2), points * k, points)
  const { edges, width } = feedsOf(senders, points)
  const counts = new Int32Array(points)
  for (const sender of senders) counts[sender]++
  const program = (x: tf.Tensor, s: tf.Tensor, f: tf.Tensor) => tf.grad((at: tf.Tensor) => gatherSenders(at, s, f).sum())(x)
  const int = (shape: number[]) => ({ shape, dtype: 'int32' as const })
  const specs = [{ shape: [1, points, channels] }, int([1, points, k]), int([1, points, width])]
  const compiled = await compile(program, specs, { threads: 2 })
  for (let run = 0; run < 3; run++) {
    const gradient = await compiled.run(
      { shape: [1, points, channels], values: new Float32Array(points * channels) },
      { shape: [1, points, k], values: senders },
      { shape: [1, points, width], values: edges },
    )
    const found = toArray(gradient as OrtTensor).values
    t.ok(found.every((v, i) => v === counts[Math.floor(i / channels)]))
  }
  await compiled.release()
})
