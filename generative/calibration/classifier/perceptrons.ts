import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import type { ArrayValue, Tree } from '../../../core/index.js'

/**
 * Networks of two hidden layers side by side, which do not depend on one another: parameters and rows have a leading
 * axis of networks, so that one compiled step trains all.
 */
export type Layers<T> = Readonly<Record<'w1' | 'b1' | 'w2' | 'b2' | 'w3' | 'b3', T>>

/** Shapes of the layers: weights `[networks, inputs, outputs]`, biases `[networks, 1, outputs]`. */
export function layersOf(
  { networks, width, hidden }: { readonly networks: number; readonly width: number; readonly hidden: number },
  values: (name: keyof Layers<0>, inputs: number, outputs: number, count: number) => Float32Array,
): Layers<ArrayValue> {
  const sizes = [width, hidden, hidden, 1]
  const entries = [1, 2, 3].flatMap(layer => {
    const [inputs, outputs] = [sizes[layer - 1], sizes[layer]]
    const made = (name: keyof Layers<0>, rows: number): [string, ArrayValue] => [
      name,
      { shape: [networks, rows, outputs], values: values(name, inputs, outputs, networks * rows * outputs) },
    ]
    return [made(`w${layer as 1 | 2 | 3}`, inputs), made(`b${layer as 1 | 2 | 3}`, 1)]
  })
  return Object.fromEntries(entries) as unknown as Layers<ArrayValue>
}

/** Log odds of label 1, `[networks, rows]`, of `x`, `[networks, rows, width]`. */
export function logOddsOf(params: Tree<Tensor>, x: Tensor): Tensor {
  const { w1, b1, w2, b2, w3, b3 } = params as Layers<tf.Tensor3D>
  const first = tf.relu(tf.matMul(x as tf.Tensor3D, w1).add(b1) as tf.Tensor3D)
  const second = tf.relu(tf.matMul(first, w2).add(b2) as tf.Tensor3D)
  return tf
    .matMul(second, w3)
    .add(b3)
    .reshape([x.shape[0], x.shape[1] ?? 0])
}

/** Cross-entropy of each row, nats: log(1 + e^-|z|) + max(z, 0) - y z keeps its digits for every z. */
export function crossEntropy(logOdds: Tensor, labels: Tensor): Tensor {
  return tf
    .log(tf.add(1, tf.exp(tf.neg(tf.abs(logOdds)))))
    .add(tf.relu(logOdds))
    .sub(logOdds.mul(labels))
}
