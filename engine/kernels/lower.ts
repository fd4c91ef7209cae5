import * as tf from '@tensorflow/tfjs'
import { traceBackend } from '../trace/backend.js'
import { type DType, nameOf, tensorOf } from '../trace/emit.js'
import { currentGraph } from '../trace/state.js'

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
    kernelFunc: ({ inputs, attrs }) => {
      const out = lowering(inputs as unknown as Present<Inputs>, (attrs ?? {}) as unknown as Attrs)
      return Array.isArray(out) ? out.map(notAnInput) : notAnInput(out)
    },
  })
}

/** tfjs' tape goes by tensors: an output that is the very input (a sum of one) would end the way back. */
function notAnInput(out: tf.TensorInfo): tf.TensorInfo {
  if (!(out instanceof tf.Tensor)) return out
  return tensorOf(nameOf(currentGraph(), out), { shape: out.shape, dtype: out.dtype as DType })
}

/** Names of all kernels that compile; the law test goes over this list. */
export function loweredKernels(): string[] {
  return [...lowered].sort()
}
