import * as tf from '@tensorflow/tfjs'
import t from 'tap'
import type { ArrayValue, Tree } from '../../../core/index.js'
import { compile, type OrtTensor, runEager, toArray } from '../../../engine/index.js'
import { type Input, integers, truths } from './inputs.js'

/** Kernels of whole numbers and of truth values: exact, so they must be equal, not close. */
const a = integers([4, 3], -5, 5)
const b = integers([3], 1, 4, 2)
const places = integers([2], 0, 3, 3)
const yes = truths([4, 3])

const programs: Readonly<Record<string, { inputs: Input[]; program: (...xs: tf.Tensor[]) => tf.Tensor[] }>> = {
  'arithmetic of whole numbers': {
    inputs: [a, b],
    program: (a, b) => [
      a.add(b),
      a.sub(b),
      a.mul(b),
      a.div(b),
      a.mod(b),
      a.maximum(b),
      a.minimum(b),
      tf.squaredDifference(a, b),
    ],
  },
  'one whole number': {
    inputs: [a],
    program: a => [
      a.abs(),
      a.neg(),
      tf.sign(a),
      a.square(),
      tf.clipByValue(a, -2, 3),
      tf.step(a),
      tf.onesLike(a),
      tf.zerosLike(a),
    ],
  },
  'reductions of whole numbers': {
    inputs: [a],
    program: a => [a.sum(0), a.sum(), a.max(1), a.min(0), a.prod(1), tf.cumsum(a, 0), tf.argMax(a, 1), tf.mean(a, 1)],
  },
  'layout of whole numbers': {
    inputs: [a, places],
    program: (a, places) => [
      a.transpose(),
      a.reverse(1),
      a.tile([2, 1]),
      a.pad([
        [1, 0],
        [0, 2],
      ]),
      a.slice([1, 0], [2, 3]),
      tf.concat([a, a], 1),
      tf.stack([a, a], 1),
      a.gather(places),
      tf.stridedSlice(a, [0, 0], [4, 3], [2, 2]),
      tf.scatterND(places.reshape([2, 1]), a.slice([0, 0], [2, 3]), [4, 3]),
      tf.topk(a, 2).values,
      tf.where(a.greater(0), a, a.neg()),
      a.matMul(a, false, true),
    ],
  },
  'layout of truth values': {
    inputs: [yes, places],
    program: (yes, places) => [
      yes.transpose(),
      yes.reverse(1),
      yes.tile([2, 1]),
      yes.slice([1, 0], [2, 3]),
      tf.concat([yes, yes], 1),
      tf.unstack(yes, 1)[1],
      yes.gather(places),
      yes.equal(yes.reverse(0)),
      yes.sum(1),
      yes.cast('int32'),
    ],
  },
}

for (const [name, { inputs, program }] of Object.entries(programs)) {
  t.test(`${name}: compiled is eager`, async t => {
    const want = runEager(program, ...inputs) as ArrayValue[]
    const compiled = await compile(program as (...xs: never[]) => Tree<tf.Tensor>, inputs)
    const got = (await compiled.run(...inputs)) as OrtTensor[]
    for (const [i, y] of want.entries()) {
      const { shape, values } = toArray(got[i])
      t.same({ shape, values: [...values] }, { shape: y.shape, values: [...y.values] }, `result ${i}`)
    }
    await compiled.release()
  })
}
