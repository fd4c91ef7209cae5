import { node, scalar } from '../trace/emit.js'
import { binary, same, type Unary, unary } from './elementwise.js'
import { lower } from './lower.js'

unary('Exp', 'Exp')
unary('Log', 'Log')
unary('Sqrt', 'Sqrt')
unary('Erf', 'Erf')
binary('Pow', 'Pow')

lower<Unary>('Rsqrt', ({ x }) => node('Reciprocal', [node('Sqrt', [x], same(x))], same(x)))

/** exp(x) - 1 = 2 exp(x/2) sinh(x/2): nothing cancels for small x. */
lower<Unary>('Expm1', ({ x }) => {
  const out = same(x)
  const half = node('Mul', [x, scalar(0.5)], out)
  const product = node('Mul', [node('Exp', [half], out), node('Sinh', [half], out)], out)
  return node('Mul', [product, scalar(2)], out)
})

/** log(u) x / (u - 1) with u = 1 + x as rounded, and x where u is 1 (Kahan's remedy for small x). */
lower<Unary>('Log1p', ({ x }) => {
  const out = same(x)
  const one = scalar(1)
  const u = node('Add', [x, one], out)
  const ratio = node('Div', [x, node('Sub', [u, one], out)], out)
  const scaled = node('Mul', [node('Log', [u], out), ratio], out)
  const isSmall = node('Equal', [u, one], { shape: x.shape, dtype: 'bool' })
  const finite = node('Where', [node('IsInf', [x], { shape: x.shape, dtype: 'bool' }), x, scaled], out)
  return node('Where', [isSmall, x, finite], out)
})
