import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import { isTracing } from '../index.js'
import { wrap } from '../trace/backend.js'
import { scan } from '../trace/scan.js'

export interface ValueAndGradient {
  readonly value: Tensor
  readonly gradient: Tensor
}

/**
 * Value and gradient of a loss that is a mean over the batch, part after part of the batch, in one order: what the
 * passes of a part keep for its gradient is gone before the next begins, so it takes a fraction of the memory, and
 * stays nearer to the processor.
 *
 * @param loss    the mean over the clouds it is given; must use nothing traced but its arguments
 * @param flat    all parameters as one vector
 * @param batch   tensors `[batch, …]`
 * @param parts   how many; must divide the batch
 */
export function microBatches<Batch extends Readonly<Record<string, Tensor>>>(
  loss: (flat: Tensor, part: Batch) => tf.Scalar,
  flat: Tensor,
  batch: Batch,
  parts: number,
): ValueAndGradient {
  const names = Object.keys(batch)
  const one = (flat: Tensor, tensors: readonly Tensor[]): ValueAndGradient => {
    const part = Object.fromEntries(names.map((name, i) => [name, tensors[i]])) as Batch
    const { value, grad } = tf.valueAndGrad((at: Tensor) => loss(at, part).div(parts) as tf.Scalar)(flat)
    return { value, gradient: grad }
  }
  const mapped = Object.values(batch).map(x => x.reshape([parts, x.shape[0] / parts, ...x.shape.slice(1)]))
  if (parts === 1) return one(flat, Object.values(batch))
  if (!isTracing()) {
    const found = Array.from({ length: parts }, (_, i) =>
      one(
        flat,
        mapped.map(x => x.gather(tf.scalar(i, 'int32')).reshape(x.shape.slice(1))),
      ),
    )
    return { value: tf.addN(found.map(f => f.value)), gradient: tf.addN(found.map(f => f.gradient)) }
  }
  const { states } = scan([tf.zeros([]), tf.zeros(flat.shape)], mapped, [flat], ([value, gradient], slices) => {
    const found = one(flat, slices.map(wrap))
    return { states: [wrap(value).add(found.value), wrap(gradient).add(found.gradient)], stacked: [] }
  })
  return { value: wrap(states[0]), gradient: wrap(states[1]) }
}
