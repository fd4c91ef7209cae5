import * as tf from '@tensorflow/tfjs'
import { filled } from '../kernels/fill.js'
import { lower } from '../kernels/lower.js'

const kernel = 'StippleGivenGradients'

/** Stands at the end of a program of many outputs: backwards it hands each output the gradient that came for it. */
lower(kernel, () => filled(0, [], 'float32'))

tf.registerGradient({
  kernelName: kernel,
  gradFunc: (_dy, _saved, attrs) => {
    const { dys } = attrs as unknown as { dys: tf.Tensor[] }
    return Object.fromEntries(dys.map((dy, i) => [i, () => dy]))
  },
})

/**
 * Gradients of `outputs()` with respect to `xs`, given those of the outputs, also from inside a gradient, where tfjs
 * would lose its tape. Zeros where there is no path.
 */
export function nestedGradients(
  outputs: () => readonly tf.Tensor[],
  xs: readonly tf.Tensor[],
  dys: readonly tf.Tensor[],
): tf.Tensor[] {
  const engine = tf.engine()
  const outerTape = engine.state.activeTape
  try {
    const end = (): tf.Tensor => {
      const all = outputs()
      const floats = all.map((_, i) => i).filter(i => all[i].dtype === 'float32')
      const inputs = floats.map(i => all[i]) as unknown as tf.NamedTensorMap
      return engine.runKernel(kernel, inputs, { dys: floats.map(i => dys[i]) } as never) as tf.Tensor
    }
    const { grads } = engine.gradients(end, [...xs], undefined, true)
    return xs.map((x, i) => grads[i] ?? tf.zerosLike(x))
  } finally {
    engine.state.activeTape = outerTape
  }
}
