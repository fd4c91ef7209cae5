import type * as tf from '@tensorflow/tfjs'
import t from 'tap'
import { WorkError } from '../../../core/index.js'
import { buildModel } from '../../../engine/model.js'
import { startSessionWorker } from '../../../engine/workers/sessionWorkers.js'

const model = await buildModel((x: tf.Tensor) => [x.square(), x.sum()], [{ shape: [3] }])
const names = model.outputNames as string[]

t.test('a worker runs what it loaded, in order, over shared memory where asked', async t => {
  const worker = startSessionWorker()
  await worker.load('m', model.bytes)
  const squares = new SharedArrayBuffer(12)
  const input = new Float32Array(new SharedArrayBuffer(12))
  const answers = [1, 2, 3].map(async scale => {
    input.set([scale, 2 * scale, 3 * scale])
    const feed = { in0: { dtype: 'float32', shape: [3], values: Float32Array.from(input) } }
    return worker.run('m', feed, { [names[0]]: squares })
  })
  const sums = (await Promise.all(answers)).map(outputs => outputs[names[1]].values[0])
  t.same(sums, [6, 12, 18])
  t.same([...new Float32Array(squares)], [9, 36, 81])
  input.set([1, 1, 1])
  const shared = await worker.run('m', { in0: { dtype: 'float32', shape: [3], values: input } }, {})
  t.same([...shared[names[0]].values], [1, 1, 1], 'a shared input is copied')
  await worker.close()
})

t.test('what goes wrong in a worker, or after it ended, is an error and no hang', async t => {
  const worker = startSessionWorker()
  await t.rejects(worker.run('unknown', {}, {}), WorkError)
  await t.rejects(worker.load('broken', Uint8Array.of(1, 2, 3)), WorkError)
  await worker.load('m', model.bytes)
  const pending = worker.run('m', { in0: { dtype: 'float32', shape: [4], values: new Float32Array(4) } }, {})
  await t.rejects(pending, WorkError, 'another shape')
  await worker.close()
  await t.rejects(worker.load('m', model.bytes), WorkError)
})
