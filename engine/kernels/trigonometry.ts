import { node, scalar } from '../trace/emit.js'
import { type Binary, unary } from './elementwise.js'
import { lower } from './lower.js'
import { broadcastShape } from './shape.js'

unary('Sin', 'Sin')
unary('Cos', 'Cos')
unary('Tan', 'Tan')
unary('Asin', 'Asin')
unary('Acos', 'Acos')
unary('Atan', 'Atan')
unary('Sinh', 'Sinh')
unary('Cosh', 'Cosh')
unary('Asinh', 'Asinh')
unary('Acosh', 'Acosh')
unary('Atanh', 'Atanh')

/** ONNX has no angle of a point: atan(a / b), turned by pi on the left half plane, and +-pi / 2 on the axis b = 0. */
lower<Binary>('Atan2', ({ a, b }) => {
  const shape = broadcastShape(a.shape, b.shape)
  const bool = { shape, dtype: 'bool' } as const
  const angle = node('Atan', [node('Div', [a, b], { shape })], { shape })
  const half = node('Where', [node('Less', [a, scalar(0)], bool), scalar(-Math.PI), scalar(Math.PI)], { shape })
  const left = node('Where', [node('Less', [b, scalar(0)], bool), node('Add', [angle, half], { shape }), angle], {
    shape,
  })
  const onAxis = node('Mul', [node('Sign', [a], { shape: a.shape }), scalar(Math.PI / 2)], { shape: a.shape })
  return node('Where', [node('Equal', [b, scalar(0)], bool), onAxis, left], { shape })
})
