import { InferenceSession, Tensor } from 'onnxruntime-node'
import { messageOf, WorkError } from '../../core/errors.js'
import { encodeModel } from '../onnx/model.js'

/** Run in a process of its own, since a device that is not there may write to stderr or take the process down. */
const device = process.argv[2]
const x = { dtype: 'float32', shape: [2] } as const
const bytes = encodeModel({
  name: 'probe',
  initializers: [],
  inputs: [{ name: 'x', ...x }],
  outputs: [{ name: 'y', ...x }],
  nodes: [{ op: 'Add', inputs: ['x', 'x'], outputs: ['y'], attributes: {}, domain: '' }],
})

try {
  const session = await InferenceSession.create(bytes, { executionProviders: [device] })
  const { y } = await session.run({ x: new Tensor('float32', Float32Array.of(1, 2), [2]) })
  const sums = [...(y.data as Float32Array)]
  if (sums.join() !== '2,4') {
    throw new WorkError('expected 2, 4 from 1 + 1 and 2 + 2', `got ${sums}`, 'use another device')
  }
  process.stdout.write(JSON.stringify({ available: true }))
} catch (error) {
  process.stdout.write(JSON.stringify({ available: false, reason: messageOf(error) }))
}
