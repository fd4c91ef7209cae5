import * as tf from '@tensorflow/tfjs'
import t from 'tap'
import { makeKey, normal } from '../../../core/index.js'
import { chebyshevTerms } from '../../../gnn/embeddings/chebyshev.js'
import { gatheredMeans, neighbourMatrix } from '../../../gnn/embeddings/neighbourMeans.js'
import { difference } from '../networks/clouds.js'
import { inputOf, k, randomStars } from './clouds.js'

await tf.setBackend('cpu')

t.test('means over neighbours are the same by a matrix and by gathering, and those of plain loops', async t => {
  const { senders, mask } = inputOf(randomStars(makeKey(3)))
  const values = normal(makeKey(4), [3, 9, 2])
  const x = tf.tensor(values, [3, 9, 2])
  const [matrix, list] = [neighbourMatrix(senders!, mask), senders!.arraySync() as number[][][]]
  const byMatrix = matrix.matMul(x).dataSync()
  t.ok(difference(gatheredMeans(x, senders!, mask).dataSync(), byMatrix) < 1e-6)
  const plain = list.flatMap((rows, c) =>
    rows.flatMap(row => [0, 1].map(f => row.reduce((sum, j) => sum + values[(c * 9 + j) * 2 + f] / k, 0))),
  )
  t.ok(difference(plain, byMatrix) < 1e-6)
  // A sender that is padding has no share, and the others share it.
  const hidden = mask!.mul(tf.tensor2d([[1, 1, 0, 1, 1, 1, 1, 1, 1]]))
  const shares = neighbourMatrix(senders!, hidden).arraySync() as number[][][]
  t.ok(shares.every(rows => rows.every(row => row[2] === 0 && Math.abs(row.reduce((a, b) => a + b, 0) - 1) < 1e-6)))
})

t.test('terms are the Chebyshev polynomials of the scaled Laplacian', async t => {
  const { senders } = inputOf(randomStars(makeKey(5), [9]))
  const means = neighbourMatrix(senders!)
  const x = tf.tensor(normal(makeKey(6), [1, 9, 4]), [1, 9, 4])
  const terms = chebyshevTerms(x, v => means.matMul(v), 5)
  const L = means.neg()
  const power = (n: number): tf.Tensor => (n === 0 ? x : L.matMul(power(n - 1)))
  // T_0 … T_4 written out
  const expected = [
    x,
    power(1),
    power(2).mul(2).sub(x),
    power(3).mul(4).sub(power(1).mul(3)),
    power(4).mul(8).sub(power(2).mul(8)).add(x),
  ]
  for (const [i, term] of terms.entries()) t.ok(difference(expected[i].dataSync(), term.dataSync()) < 1e-5, `T_${i}`)
})
