import type { Tensor } from '@tensorflow/tfjs'
import { isTracing } from '../index.js'
import { columnSums, product } from './product.js'
import { withGradient } from './withGradient.js'

/**
 * x W + b over the last axis: x `[…, inputs]`, w `[inputs, outputs]`, b `[outputs]` gives `[…, outputs]`.
 * Traced, the bias is an Add of its own (fused with the product, the runtime takes a slower Gemm).
 */
export function linear(x: Tensor, w: Tensor, b?: Tensor): Tensor {
  const [inputs, outputs] = w.shape
  const rows = x.reshape([-1, inputs])
  return (isTracing() ? traced(rows, w, b) : eager(rows, w, b)).reshape([...x.shape.slice(0, -1), outputs])
}

function eager(rows: Tensor, w: Tensor, b?: Tensor): Tensor {
  const y = rows.matMul(w)
  return b ? y.add(b) : y
}

function traced(rows: Tensor, w: Tensor, b?: Tensor): Tensor {
  const back = (rows: Tensor, w: Tensor, dy: Tensor) => [
    product(dy, w, { transB: true }),
    product(rows, dy, { transA: true }),
  ]
  if (!b) {
    return withGradient([rows, w], (rows, w) => ({ value: product(rows, w), gradient: dy => back(rows, w, dy) }))
  }
  return withGradient([rows, w, b], (rows, w, b) => ({
    value: product(rows, w).add(b),
    gradient: dy => [...back(rows, w, dy), columnSums(dy)],
  }))
}
