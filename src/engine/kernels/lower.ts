import * as tf from '@tensorflow/tfjs'
import { traceBackend } from '../trace/backend.js'

type Present<Inputs> = { [Name in keyof Inputs]: NonNullable<Inputs[Name]> }
type Lowering<Inputs, Attrs> = (inputs: Present<Inputs>, attrs: Attrs) => tf.TensorInfo | tf.TensorInfo[]

const lowered = new Set<string>()

/**
 * One tfjs kernel: the shape of its output and the ONNX nodes it becomes, side by side. `Inputs` and `Attrs` are the
 * types that tfjs exports for the kernel (for example `tf.BatchMatMulInputs`).
 */
export function lower<Inputs = tf.NamedTensorInfoMap, Attrs = tf.NamedAttrMap>(
  kernelName: string,
  lowering: Lowering<Inputs, Attrs>,
): void {
  lowered.add(kernelName)
  tf.registerKernel({
    kernelName,
    backendName: traceBackend,
    kernelFunc: ({ inputs, attrs }) => lowering(inputs as unknown as Present<Inputs>, (attrs ?? {}) as unknown as Attrs),
  })
}

/** Names of all kernels that compile; the law test goes over this list. */
export function loweredKernels(): string[] {
  return [...lowered].sort()
}
