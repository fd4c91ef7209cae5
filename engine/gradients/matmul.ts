import * as tf from '@tensorflow/tfjs'
import { gradient, unbroadcast } from './gradient.js'

/**
 * tfjs' own gradient has the shape of the broadcast operand, not of the operand. A matrix of weights under a batch
 * takes one product over all rows.
 */
gradient<tf.BatchMatMulAttrs>('BatchMatMul', { inputs: ['a', 'b'] }, (dy, [a, b], { transposeA, transposeB }) => ({
  a: () => {
    const da = transposeA ? tf.matMul(b, dy, transposeB, true) : tf.matMul(dy, b, false, !transposeB)
    return unbroadcast(da, a.shape)
  },
  b: () => {
    if (b.rank === 2 && a.rank > 2 && !transposeA) {
      const rowsOf = (x: tf.Tensor): tf.Tensor => x.reshape([-1, x.shape[x.rank - 1]])
      return transposeB ? tf.matMul(rowsOf(dy), rowsOf(a), true) : tf.matMul(rowsOf(a), rowsOf(dy), true)
    }
    const db = transposeB ? tf.matMul(dy, a, true, transposeA) : tf.matMul(a, dy, !transposeA)
    return unbroadcast(db, b.shape)
  },
}))

/** Each operand's gradient is an einsum of dy with the other operands; labels that it alone has are broadcast. */
gradient<tf.EinsumAttrs>('Einsum', { all: true }, (dy, inputs, { equation }) => {
  const [left, right] = equation.replaceAll(' ', '').split('->')
  const terms = left.split(',')
  const operandGradient = (at: number): tf.Tensor => {
    const others = inputs.filter((_, i) => i !== at)
    const labels = terms.filter((_, i) => i !== at)
    const known = [...terms[at]].filter(label => [right, ...labels].some(term => term.includes(label)))
    const partial = tf.einsum(`${[right, ...labels].join(',')}->${known.join('')}`, dy, ...others)
    const shape = [...terms[at]].map((label, axis) => (known.includes(label) ? inputs[at].shape[axis] : 1))
    return partial.reshape(shape).broadcastTo(inputs[at].shape)
  }
  return Object.fromEntries(inputs.map((_, i) => [i, () => operandGradient(i)]))
})
