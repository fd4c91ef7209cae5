import * as tf from '@tensorflow/tfjs'
import { type DType, filledName, tensorOf } from '../trace/emit.js'
import { lower } from './lower.js'

/** Made when the graph runs, never stored: arrays of ones and zeros would fill megabytes of the model. */
export function filled(value: number, shape: readonly number[], dtype: DType): tf.TensorInfo {
  return tensorOf(filledName(value, shape, dtype), { shape, dtype })
}

lower<Record<string, never>, tf.FillAttrs>('Fill', (_, { shape, value, dtype }) =>
  filled(Number(value), shape, (dtype ?? tf.util.inferDtype(value)) as DType),
)
lower<tf.ZerosLikeInputs>('ZerosLike', ({ x }) => filled(0, x.shape, x.dtype as DType))
lower<tf.OnesLikeInputs>('OnesLike', ({ x }) => filled(1, x.shape, x.dtype as DType))
