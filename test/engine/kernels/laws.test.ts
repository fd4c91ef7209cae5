import * as tf from '@tensorflow/tfjs'
import t from 'tap'
import type { Tree } from '../../../core/index.js'
import { ourGradients } from '../../../engine/gradients/index.js'
import { compile, type OrtTensor, toArray } from '../../../engine/index.js'
import { loweredKernels } from '../../../engine/kernels/index.js'
import type { Case } from './cases/case.js'
import { dictionary } from './dictionary.js'
import type { Input } from './inputs.js'

/** Outputs, then gradients of a fixed combination of them with respect to every float input. */
function withGradients({ inputs, program, forwardOnly = false }: Case): (...xs: tf.Tensor[]) => tf.Tensor[] {
  const floats = inputs.map((_, i) => i).filter(i => inputs[i].dtype === 'float32')
  return (...xs) => {
    const outputs = [program(...xs)].flat()
    if (forwardOnly || floats.length === 0) return outputs
    const { grads } = tf.engine().gradients(
      () => combined([program(...xs)].flat()),
      floats.map(i => xs[i]),
      undefined,
      true,
    )
    return [...outputs, ...grads.filter(grad => grad !== undefined && grad !== null)]
  }
}

function combined(outputs: readonly tf.Tensor[]): tf.Scalar {
  const parts = outputs.filter(y => y.dtype === 'float32').map(y => y.mul(weightsFor(y.shape)).sum())
  return parts.length === 0 ? tf.scalar(0) : (tf.addN(parts) as tf.Scalar)
}

function weightsFor(shape: number[]): tf.Tensor {
  const size = shape.reduce((a, b) => a * b, 1)
  return tf.tensor(
    Float32Array.from({ length: size }, (_, i) => Math.cos(1 + 1.7 * i)),
    shape,
  )
}

const eagerInputs = (inputs: readonly Input[]): tf.Tensor[] =>
  inputs.map(({ values, shape, dtype }) => tf.tensor(values, [...shape], dtype))

/** The largest difference, as a part of the largest entry; both must have numbers in the same places. */
function difference(got: ArrayLike<number>, want: ArrayLike<number>): number {
  if (got.length !== want.length) return Number.POSITIVE_INFINITY
  let largest = 1e-30
  let worst = 0
  for (let i = 0; i < want.length; i++) {
    if (Object.is(got[i], want[i])) continue
    worst = Math.max(worst, Number.isFinite(got[i] - want[i]) ? Math.abs(got[i] - want[i]) : Number.POSITIVE_INFINITY)
  }
  for (let i = 0; i < want.length; i++) if (Number.isFinite(want[i])) largest = Math.max(largest, Math.abs(want[i]))
  return worst / largest
}

t.same(Object.keys(dictionary).sort(), loweredKernels(), 'every kernel that compiles is in the dictionary')

const internal = new Set(['StippleGivenGradients', 'StippleMapChunks'])
for (const [name, example] of Object.entries(dictionary)) {
  t.test(`${name}: compiled equals eager, forward and gradient, on one thread and two`, async t => {
    const program = withGradients(example)
    let want: tf.Tensor[] = []
    const { kernelNames } = await tf.profile(() => {
      want = program(...eagerInputs(example.inputs))
      return want
    })
    t.ok(internal.has(name) || kernelNames.includes(name), 'the example uses the kernel')
    for (const threads of [1, 2]) {
      const compiled = await compile(program as (...xs: never[]) => Tree<tf.Tensor>, example.inputs, { threads })
      const got = (await compiled.run(...example.inputs)) as OrtTensor[]
      t.same(
        got.map(y => y.dims),
        want.map(y => y.shape),
        'shapes',
      )
      for (const [i, y] of want.entries()) {
        const error = difference(toArray(got[i]).values, y.dataSync())
        t.ok(error <= 1e-5, `${threads} threads, result ${i}: differs by ${error} of the largest entry`)
      }
      await compiled.release()
    }
  })
}

for (const name of ourGradients()) {
  t.test(`${name}: our gradient is the slope`, async t => {
    const { inputs, program } = dictionary[name]
    const xs = eagerInputs(inputs)
    const floats = inputs.map((_, i) => i).filter(i => inputs[i].dtype === 'float32')
    if (floats.length === 0) return
    const loss = (...inner: tf.Tensor[]): tf.Scalar => combined([program(...inner)].flat())
    const { grads } = tf.engine().gradients(
      () => loss(...xs),
      floats.map(i => xs[i]),
      undefined,
      true,
    )
    for (const [k, i] of floats.entries()) {
      const direction = weightsFor(xs[i].shape)
      const step = 5e-3
      const at = (sign: number): number => {
        const moved = xs.map((x, j) => (j === i ? x.add(direction.mul(sign * step)) : x))
        return loss(...moved).dataSync()[0]
      }
      const slope = (at(1) - at(-1)) / (2 * step)
      const found = grads[k] ? grads[k].mul(direction).sum().dataSync()[0] : 0
      t.ok(Math.abs(slope - found) <= 3e-3 * (1 + Math.abs(slope)), `input ${i}: slope ${slope}, gradient ${found}`)
    }
  })
}
