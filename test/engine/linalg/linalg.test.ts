import fc from 'fast-check'
import t from 'tap'
import { makeKey, normal } from '../../../core/index.js'
import { makeCholesky } from '../../../engine/linalg/cholesky.js'
import { makeProduct } from '../../../engine/linalg/product.js'

t.test('a product equals the sums, transposed or not, in both precisions', async t => {
  const [m, k, n] = [7, 13, 5]
  const a = Float64Array.from(normal(makeKey(1), m * k))
  const b = Float64Array.from(normal(makeKey(2), k * n))
  for (const transposeA of [false, true])
    for (const transposeB of [false, true]) {
      const left = transposeA ? { rows: k, columns: m } : { rows: m, columns: k }
      const right = transposeB ? { rows: n, columns: k } : { rows: k, columns: n }
      const expected = Array.from({ length: m * n }, (_, at) => {
        const [i, j] = [Math.floor(at / n), at % n]
        let sum = 0
        for (let q = 0; q < k; q++) sum += a[transposeA ? q * m + i : i * k + q] * b[transposeB ? j * k + q : q * n + j]
        return sum
      })
      const double = await makeProduct('float64', { transposeA, transposeB })
      const single = await makeProduct('float32', { transposeA, transposeB })
      const one = await double({ ...left, values: a }, { ...right, values: b })
      const other = await single({ ...left, values: Float32Array.from(a) }, { ...right, values: Float32Array.from(b) })
      t.same([one.rows, one.columns, other.rows, other.columns], [m, n, m, n])
      t.ok(expected.every((v, i) => Math.abs(v - one.values[i]) < 1e-12 && Math.abs(v - other.values[i]) < 1e-5))
    }
})

t.test('Cholesky solves positive systems, smaller and larger than its block', async t => {
  const solver = await makeCholesky(1, 8)
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 40 }), fc.nat(1000), async (n, seed) => {
      const root = normal(makeKey(seed), n * n)
      const matrix = new Float64Array(n * n)
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) {
          matrix[i * n + j] = i === j ? 0.5 : 0
          for (let k = 0; k < n; k++) matrix[i * n + j] += root[i * n + k] * root[j * n + k]
        }
      const x = normal(makeKey(seed).split('x'), n)
      const right = Float64Array.from({ length: n }, (_, i) => x.reduce((sum, v, j) => sum + matrix[i * n + j] * v, 0))
      const found = await solver.solve(matrix, right)
      return found.every((v, i) => Math.abs(v - x[i]) < 1e-8)
    }),
    { seed: 11, numRuns: 30 },
  )
  await t.rejects(solver.solve(Float64Array.of(1, 0, 2, 1), Float64Array.of(1, 1)), { name: 'WorkError' })
})
