import * as tf from '@tensorflow/tfjs'
import { type ArrayValue, messageOf, type Tree } from '../core/index.js'
import './gradients/index.js'
import { DeviceUnavailable } from './errors.js'
import { tensorsFrom } from './exportOnnx.js'
import { isTensor, type Program } from './trace/trace.js'
import { mapTree } from './tree.js'

/**
 * Runs a program as it is on the current tfjs backend, operation by operation: the oracle of the compiled one, and the
 * way onto a backend that onnxruntime does not have.
 *
 * ```ts
 * runEager((x: Tensor) => x.square(), { shape: [2], values: Float32Array.of(3, 4) }) // values [9, 16]
 * ```
 */
export function runEager(program: Program, ...inputs: Tree<ArrayValue>[]): Tree<ArrayValue> {
  const engine = tf.engine()
  engine.startScope('eager')
  try {
    const result = program(...(inputs.map(tensorsFrom) as never[]))
    return mapTree(result, isTensor, tensor => ({ shape: tensor.shape, values: tensor.dataSync() as Float32Array }))
  } finally {
    engine.endScope()
  }
}

/**
 * Makes `@tensorflow/tfjs-node-gpu` the backend of eager programs, where the user has installed it. It is no dependency
 * of ours: its installation fetches libtensorflow from outside npm and it does not load in Node 23 or newer.
 *
 * ```ts
 * await loadGpuBackend()
 * runEager(program, x) // on the GPU
 * ```
 *
 * @throws {DeviceUnavailable} where it is not installed or does not start
 */
export async function loadGpuBackend(): Promise<void> {
  const name = '@tensorflow/tfjs-node-gpu'
  const unavailable = (reason: string, cause?: unknown) =>
    new DeviceUnavailable(name, `npm install ${name} (Node 22 or older); ${reason}`, { cause })
  let isStarted: boolean
  try {
    await import(name)
    isStarted = await tf.setBackend('tensorflow')
  } catch (error) {
    throw unavailable(messageOf(error).slice(0, 200), error)
  }
  if (!isStarted) throw unavailable('its backend did not start')
}
