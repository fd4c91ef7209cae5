import { EigenvalueDecomposition, Matrix } from 'ml-matrix'
import t from 'tap'
import { makeKey, normal } from '../../../core/index.js'
import {
  fitGroup,
  regionIn,
  regionTensors,
  unusualness,
  unusualShare,
} from '../../../pipelines/answers/trainedRegion.js'

const key = makeKey(41)
const length = 5

/** Rows of a normal distribution whose directions have spreads of 3 to 0.02 and are mixed with one another. */
function rows(name: string, n: number): Float32Array[] {
  const z = normal(key.split(name), n * length)
  return Array.from({ length: n }, (_, row) => {
    const own = z.subarray(row * length, (row + 1) * length)
    const scaled = Array.from(own, (x, i) => x * [3, 1, 0.5, 0.1, 0.02][i])
    return Float32Array.from({ length }, (_, i) => 2 * i + scaled[i] + (i > 0 ? 0.7 * scaled[i - 1] : 0))
  })
}

const [fitted, heldOut, fresh] = [rows('fitted', 4000), rows('held out', 1000), rows('fresh', 400)]
/** Galaxies of 30 stars or more scatter a tenth as much. */
const quiet = (name: string, n: number) => rows(name, n).map(row => row.map(x => x / 10))
const region = [fitGroup(0, fitted, heldOut), fitGroup(30, quiet('quiet', 2000), quiet('quiet held out', 500))]

t.test('distances are those of Mahalanobis, by the eigenvectors of the covariance', async t => {
  const mean = Array.from({ length }, (_, i) => fitted.reduce((sum, row) => sum + row[i], 0) / fitted.length)
  const centred = new Matrix(fitted.map(row => Array.from(row, (x, i) => x - mean[i])))
  const covariance = centred.transpose().mmul(centred).div(fitted.length)
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(covariance, { assumeSymmetric: true })
  for (const row of fresh.slice(0, 50)) {
    const along = eigenvectorMatrix.transpose().mmul(Matrix.columnVector(Array.from(row, (x, i) => x - mean[i])))
    const square = along.to1DArray().reduce((sum, a, i) => sum + a ** 2 / realEigenvalues[i], 0)
    const { distance } = unusualness(region, row, 20)
    // A floor of 1e-6 of the mean variance stands under the covariance: 2e-6 beside a least variance of 4e-4.
    t.ok(Math.abs(distance / Math.sqrt(square) - 1) < 0.01, `${distance} and ${Math.sqrt(square)}`)
  }
})

t.test('of galaxies like those of the training the share farther out is uniform; a far one is flagged', async t => {
  const shares = fresh.map(row => unusualness(region, row, 20).share).sort((a, b) => a - b)
  const n = shares.length
  const largest = Math.max(...shares.map((share, i) => Math.abs(share - (i + 0.5) / n)))
  // Kolmogorov's two samples, p about 0.001
  t.ok(largest < 1.95 * Math.sqrt(1 / n + 1 / heldOut.length), `distance ${largest}`)
  t.ok(shares.filter(share => share < unusualShare).length <= 8)
  const far = Float32Array.from(fresh[0])
  far[4] += 1
  const { share, distance } = unusualness(region, far, 20)
  t.ok(share === 0 && distance > 20, `${distance} away, and no galaxy farther`)
  const centre = unusualness(region, region[0].mean, 20)
  t.ok(centre.share === 1 && centre.distance < 1e-6)
  t.equal(
    unusualness(
      region,
      fresh[0].map(() => Number.NaN),
      20,
    ).share,
    0,
    'what is no number is unusual',
  )
})

t.test('outputs that are copies or constants do not break it, and few rows are enough', async t => {
  const doubled = (name: string, n: number) => rows(name, n).map(row => Float32Array.of(...row, row[0], 7, 0))
  const region = [fitGroup(0, doubled('fitted', 500), doubled('held out', 300))]
  const shares = doubled('fresh', 200).map(row => unusualness(region, row, 20).share)
  t.ok(shares.every(share => share >= 0 && share <= 1))
  t.ok(Math.abs(shares.reduce((a, b) => a + b) / 200 - 0.5) < 0.1)
  const broken = doubled('fresh', 1)[0]
  broken[5] += 1
  t.ok(unusualness(region, broken, 5).share < unusualShare, 'a copy that is none is unusual')
  const lone = [fitGroup(10, [fresh[0]], [fresh[1]])]
  t.ok(Number.isFinite(unusualness(lone, fresh[2], 3).distance))
})

t.test('a galaxy is compared with those of about as many stars', async t => {
  const [row] = rows('another', 1)
  t.equal(unusualness(region, row, 29).distance, unusualness(region.slice(0, 1), row, 1000).distance)
  t.equal(unusualness(region, row, 30).distance, unusualness(region.slice(1), row, 1).distance)
  t.ok(unusualness(region, row, 20).share > 0.01 && unusualness(region, row, 40).share === 0)
})

t.test('a region comes back from its tensors', async t => {
  t.same(regionIn(regionTensors(region)), region)
  t.same(
    Object.values(regionTensors(region)).map(({ shape }) => shape),
    [[2], [2, length], [2, length, length], [2], [heldOut.length + 500]],
  )
})
