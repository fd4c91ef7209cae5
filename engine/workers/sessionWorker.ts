import { parentPort } from 'node:worker_threads'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { messageOf, WorkError } from '../../core/errors.js'
import type { Reply, Request, Wire } from './protocol.js'

/** One onnxruntime session a model, one thread each. Knows nothing of programs: it is sent bytes and numbers. */
const sessions = new Map<string, InferenceSession>()
/** Inputs of a model that are the same in all its runs. */
const constants = new Map<string, Readonly<Record<string, Tensor>>>()
/** Memory over which the tensors of shared inputs lie, kept from run to run: onnxruntime refuses shared buffers. */
const copies = new Map<string, Float32Array>()

async function answer(request: Request): Promise<Reply> {
  if (request.kind === 'rest') return { kind: 'done', outputs: {} }
  if (request.kind === 'load') {
    const session = await InferenceSession.create(request.bytes, {
      intraOpNumThreads: 1,
      graphOptimizationLevel: 'all',
    })
    sessions.set(request.model, session)
    return { kind: 'done', outputs: {} }
  }
  if (request.kind === 'keep') {
    constants.set(request.model, feedsOf(request.inputs))
    return { kind: 'done', outputs: {} }
  }
  const session = sessions.get(request.model)
  if (!session) {
    throw new WorkError(
      `expected the model ${request.model}`,
      'got no such model in this thread',
      'load it before its runs',
    )
  }
  const results = await session.run({ ...constants.get(request.model), ...feedsOf(request.inputs) })
  const outputs: Record<string, Wire> = {}
  for (const [name, tensor] of Object.entries(results)) {
    const shared = request.into[name]
    if (shared) new Float32Array(shared).set(tensor.data as Float32Array)
    else outputs[name] = { dtype: tensor.type, shape: tensor.dims, values: tensor.data as Float32Array }
  }
  return { kind: 'done', outputs }
}

function feedsOf(inputs: Readonly<Record<string, Wire>>): Record<string, Tensor> {
  const feeds: Record<string, Tensor> = {}
  for (const [name, { dtype, shape, values }] of Object.entries(inputs)) {
    feeds[name] = new Tensor(dtype as 'float32', ownCopy(name, values as Float32Array), shape)
  }
  return feeds
}

function ownCopy(name: string, values: Float32Array): Float32Array {
  if (!(values.buffer instanceof SharedArrayBuffer)) return values
  const known = copies.get(name)
  const copy = known?.length === values.length ? known : new Float32Array(values.length)
  copy.set(values)
  copies.set(name, copy)
  return copy
}

/** One request after the other: `rest` is answered when nothing is under way any more. */
let before: Promise<unknown> = Promise.resolve()

parentPort?.on('message', (request: Request) => {
  const answered = before.then(() => answer(request))
  before = answered.catch(() => undefined)
  answered.then(
    reply => parentPort?.postMessage(reply),
    (error: unknown) => parentPort?.postMessage({ kind: 'failed', message: messageOf(error) } satisfies Reply),
  )
})
