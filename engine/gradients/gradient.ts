import * as tf from '@tensorflow/tfjs'

interface Saved {
  readonly inputs?: string[]
  /** Every input, for kernels that take a list. */
  readonly all?: boolean
  /** Which outputs, by index. */
  readonly outputs?: boolean[]
}

type Gradients = Record<string, () => tf.Tensor>

const ours = new Set<string>()

/**
 * Registers the gradient of a tfjs kernel, in place of the library's own where that is wrong or slow. The functions
 * are tfjs operations, so they run eagerly and compile alike.
 *
 * @param saved what the gradient wants back: inputs by name, then outputs
 */
export function gradient<Attrs>(
  kernelName: string,
  saved: Saved,
  gradFunc: (dy: tf.Tensor, saved: tf.Tensor[], attrs: Attrs) => Gradients,
): void {
  ours.add(kernelName)
  tf.registerGradient({
    kernelName,
    inputsToSave: saved.inputs ?? [],
    saveAllInputs: saved.all ?? false,
    outputsToSave: saved.outputs ?? [],
    gradFunc: (dy, tensors, attrs) => gradFunc(Array.isArray(dy) ? dy[0] : dy, tensors, attrs as unknown as Attrs),
  })
}

/** Kernels whose gradient is ours. */
export function ourGradients(): string[] {
  return [...ours].sort()
}

export const zeros = (x: tf.Tensor): tf.Tensor => tf.zeros(x.shape, 'float32')

/** `x` summed over the axes along which a tensor of this shape was broadcast. */
export function unbroadcast(x: tf.Tensor, shape: number[]): tf.Tensor {
  const extra = x.shape.length - shape.length
  const axes = x.shape.map((_, i) => i).filter(i => i < extra || (shape[i - extra] === 1 && x.shape[i] !== 1))
  return axes.length === 0 ? x : x.sum(axes).reshape(shape)
}

/** Gradient of one operation through a composition of others, from inside a gradient. */
export function through(compose: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor, dy: tf.Tensor): tf.Tensor {
  const engine = tf.engine()
  const tape = engine.state.activeTape
  try {
    return engine.gradients(() => compose(x), [x], dy).grads[0]
  } finally {
    engine.state.activeTape = tape
  }
}
