import type * as tf from '@tensorflow/tfjs'
import { type DType, node, scalar } from '../trace/emit.js'
import { add, type Binary, same, type Unary, unary, zero } from './elementwise.js'
import { cast } from './logical.js'
import { lower } from './lower.js'
import { broadcastShape } from './shape.js'

unary('Floor', 'Floor')
unary('Ceil', 'Ceil')
/** Half to even, in both. */
unary('Round', 'Round')
unary('Sign', 'Sign')

/** The remainder with the sign of the divisor. */
lower<Binary>('Mod', ({ a, b }) => {
  const out = { shape: broadcastShape(a.shape, b.shape), dtype: a.dtype as DType }
  if (a.dtype !== 'float32') return node('Mod', [a, b], out)
  const truncated = node('Mod', [a, b], out, { fmod: 1 })
  return node('Mod', [add(truncated, b), b], out, { fmod: 1 })
})

/** floor(a / b); integers in tfjs, whatever the inputs. */
lower<Binary>('FloorDiv', ({ a, b }) => {
  const shape = broadcastShape(a.shape, b.shape)
  const quotient = node('Div', [cast(a, 'float32'), cast(b, 'float32')], { shape })
  return cast(node('Floor', [quotient], { shape }), 'int32')
})

lower<tf.ClipByValueInputs, tf.ClipByValueAttrs>('ClipByValue', ({ x }, { clipValueMin, clipValueMax }) => {
  const dtype = x.dtype as DType
  return node('Clip', [x, scalar(clipValueMin, dtype), scalar(clipValueMax, dtype)], same(x))
})

/** 1 for positive numbers, alpha for the others. */
lower<Unary, tf.StepAttrs>('Step', ({ x }, { alpha }) => {
  const dtype = x.dtype as DType
  const positive = node('Greater', [x, zero(x)], { shape: x.shape, dtype: 'bool' })
  if (alpha === 0) return cast(positive, dtype)
  return node('Where', [positive, scalar(1, dtype), scalar(alpha, dtype)], same(x))
})
