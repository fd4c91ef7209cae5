import * as tf from '@tensorflow/tfjs'
import t from 'tap'
import { integers, makeKey } from '../../../core/index.js'
import { compile, type OrtTensor, toArray } from '../../../engine/index.js'

/**
 * onnxruntime's own ScatterND with reduction loses updates on more than one thread. Ones, scattered, must give exact
 * counts: whatever the threads, each of twelve times, also where all rows meet in a few segments.
 */
const rows = 40_000
const columns = 24
const segments = 1_500

const targets: Readonly<Record<string, Int32Array>> = {
  spread: integers(makeKey(7), rows, segments),
  crowded: integers(makeKey(8), rows, 3),
}
const ones = { shape: [rows, columns], values: new Float32Array(rows * columns).fill(1) }

function miscounted(got: Float32Array, ids: Int32Array): number {
  const counts = new Float32Array(segments)
  for (const id of ids) counts[id]++
  return got.reduce((wrong, value, i) => wrong + Number(value !== counts[Math.floor(i / columns)]), 0)
}

const programs: Readonly<Record<string, (x: tf.Tensor, ids: tf.Tensor) => tf.Tensor>> = {
  'segment sum': (x, ids) => tf.unsortedSegmentSum(x, ids as tf.Tensor1D, segments),
  'gradient of gather': (x, ids) =>
    tf.grad((rows: tf.Tensor) => rows.gather(ids).mul(x).sum())(tf.zeros([segments, columns])),
  scatterND: (x, ids) => tf.scatterND(ids.reshape([rows, 1]), x, [segments, columns]),
}

for (const [name, program] of Object.entries(programs)) {
  for (const threads of [1, 2, 4]) {
    t.test(`${name} of ones counts exactly on ${threads} threads`, async t => {
      const compiled = await compile(program, [{ shape: [rows, columns] }, { shape: [rows], dtype: 'int32' }], {
        threads,
      })
      for (let run = 0; run < 12; run++) {
        const [kind, ids] = Object.entries(targets)[run % 2]
        const out = (await compiled.run(ones, { shape: [rows], values: ids })) as OrtTensor
        t.equal(miscounted(toArray(out).values as Float32Array, ids), 0, `${kind}, run ${run}`)
      }
      await compiled.release()
    })
  }
}
