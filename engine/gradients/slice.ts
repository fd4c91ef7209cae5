import * as tf from '@tensorflow/tfjs'
import { stridesOf } from '../kernels/slice.js'
import { gradient, through } from './gradient.js'

/** Entries go back to where they were taken from: axis by axis reversed, spread by the stride, and padded. */
gradient<tf.StridedSliceAttrs>('StridedSlice', { inputs: ['x'] }, (dy, [x], attrs) => ({
  x: () => {
    const { begin, strides, sliced } = stridesOf(x.shape, attrs)
    return sliced.reduce<tf.Tensor>(
      (spread, count, axis) =>
        spreadAlong(spread, axis, { begin: begin[axis], stride: strides[axis], count, length: x.shape[axis] }),
      dy.reshape([...sliced]),
    )
  },
}))

/** What was taken along one axis: `count` of `length` entries, from `begin` on. */
interface Taken {
  readonly begin: number
  readonly stride: number
  readonly count: number
  readonly length: number
}

function spreadAlong(x: tf.Tensor, axis: number, { begin, stride, count, length }: Taken): tf.Tensor {
  const forward = stride < 0 ? x.reverse(axis) : x
  const start = stride < 0 ? begin + (count - 1) * stride : begin
  const step = Math.abs(stride)
  const before = x.shape.slice(0, axis)
  const after = x.shape.slice(axis + 1)
  const pad = (y: tf.Tensor, at: number, front: number, back: number): tf.Tensor =>
    front === 0 && back === 0 ? y : y.pad(y.shape.map((_, i): [number, number] => (i === at ? [front, back] : [0, 0])))
  const spaced = pad(forward.reshape([...before, count, 1, ...after]), axis + 1, 0, step - 1)
  const line = spaced.reshape([...before, count * step, ...after])
  const size = Math.min(count * step, length - start)
  const begins = line.shape.map(() => 0)
  const sizes = line.shape.map((full, i) => (i === axis ? size : full))
  return pad(line.slice(begins, sizes), axis, start, length - start - size)
}

/** tfjs forgets what flows through the mirror images. */
gradient<tf.MirrorPadAttrs>('MirrorPad', { inputs: ['x'] }, (dy, [x], { paddings, mode }) => ({
  x: () => through(inner => mirrorPadded(inner, paddings, mode === 'reflect' ? 1 : 0), x, dy),
}))

function mirrorPadded(x: tf.Tensor, paddings: readonly [number, number][], skip: number): tf.Tensor {
  return paddings.reduce((padded, [before, after], axis) => {
    const part = (start: number, size: number): tf.Tensor[] => {
      if (size === 0) return []
      const begins = padded.shape.map((_, i) => (i === axis ? start : 0))
      const sizes = padded.shape.map((full, i) => (i === axis ? size : full))
      return [padded.slice(begins, sizes).reverse(axis)]
    }
    const parts = [...part(skip, before), padded, ...part(padded.shape[axis] - skip - after, after)]
    return parts.length === 1 ? padded : tf.concat(parts, axis)
  }, x)
}
