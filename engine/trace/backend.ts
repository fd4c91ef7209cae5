import * as tf from '@tensorflow/tfjs'
import { RandomWhileTracing, ReadWhileTracing } from '../errors.js'
import { constantName, type DType } from './emit.js'
import { userLine } from './line.js'
import { currentGraph } from './state.js'

export const traceBackend = 'stipple-trace'

/** tfjs operations that draw from a JavaScript generator and write the numbers as a constant. */
const randomOperations = new Set([
  'dropout',
  'multinomial',
  'rand',
  'randomGamma',
  'randomNormal',
  'randomStandardNormal',
  'randomUniform',
  'randomUniformInt',
  'truncatedNormal',
])

/**
 * An abstract tfjs backend: it holds no numbers. Its kernels (engine/kernels) record ONNX nodes; what a program
 * writes becomes a constant of the graph, what it reads is an error.
 */
class TraceBackend extends tf.KernelBackend {
  override write(values: tf.backend_util.BackendValues, shape: number[], dtype: tf.DataType): object {
    const operation = randomOperation()
    if (operation !== undefined) throw new RandomWhileTracing(operation, userLine(new Error().stack))
    const dataId = {}
    currentGraph().bind(dataId, constantName(values as Float32Array, shape, dtype as DType))
    return dataId
  }

  override read(): Promise<tf.backend_util.BackendValues> {
    throw new ReadWhileTracing('data', userLine(new Error().stack))
  }

  override readSync(): tf.backend_util.BackendValues {
    throw new ReadWhileTracing('dataSync', userLine(new Error().stack))
  }

  // Values are names; nothing is allocated, so nothing is counted or freed.
  override disposeData(): boolean {
    return true
  }
  override refCount(): number {
    return 1
  }
  override incRef(): void {}
  override numDataIds(): number {
    return 0
  }
  override memory(): { unreliable: boolean } {
    return { unreliable: true }
  }
  override floatPrecision(): 16 | 32 {
    return 32
  }
  override epsilon(): number {
    return 1e-7
  }
  override timerAvailable(): boolean {
    return false
  }
  override dispose(): void {}
}

tf.registerBackend(traceBackend, () => new TraceBackend(), 0)

// Without a choice of the user's, eager programs run on the cpu backend, which is the oracle here. It would print an
// advertisement on its first tensor.
if (!tf.getBackend()) await tf.setBackend('cpu')
const cpuBackend = tf.findBackend('cpu') as unknown as { firstUse?: boolean } | null
if (cpuBackend) cpuBackend.firstUse = false

/** The tfjs tensor around what a kernel returned. */
export function wrap(info: tf.TensorInfo): tf.Tensor {
  return tf.engine().makeTensorFromTensorInfo(info)
}

/** The random operation that tfjs is inside of: scopes carry the names of operations. */
export function randomOperation(): string | undefined {
  const { activeScope, scopeStack } = tf.engine().state as unknown as { activeScope?: Named; scopeStack?: Named[] }
  const scopes = [...(scopeStack ?? []), ...(activeScope ? [activeScope] : [])]
  return scopes.map(scope => scope.name.replace(/__op$/, '')).find(name => randomOperations.has(name))
}

interface Named {
  readonly name: string
}
