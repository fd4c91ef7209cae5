import { Matrix } from 'ml-matrix'
import t from 'tap'
import { makeKey, normal } from '../../../../core/index.js'
import { jointCredibility, logNormalAt, momentsOfDraws } from '../../../../pipelines/galaxies/inference/jointRegion.js'

const key = makeKey(73)
/** Correlated normal draws of three parameters. */
const drawsOf = (name: string, n: number) => {
  const z = normal(key.split(name), 3 * n)
  return Float64Array.from(z, (x, i) => (i % 3 === 2 ? 0.8 * z[i - 2] + 0.6 * x + 5 : x))
}

t.test('law: where posteriors are true the credibility of the truth is uniform', async t => {
  const draws = drawsOf('posterior', 800)
  const truths = drawsOf('truths', 400)
  const found = Array.from({ length: 400 }, (_, i) =>
    jointCredibility(draws, 3, [0, 2], [truths[3 * i], truths[3 * i + 2]]),
  )
  const sorted = found.sort((a, b) => a - b)
  const largest = Math.max(...sorted.map((x, i) => Math.abs(x - (i + 0.5) / 400)))
  // Kolmogorov's bound at p = .001, and what 800 draws leave uncertain
  t.ok(largest < 1.95 / Math.sqrt(400) + 0.03, `distance ${largest}`)
})

t.test('posteriors that are too narrow hold the truth too seldom', async t => {
  const narrow = drawsOf('posterior', 800).map((x, i) => (i % 3 === 2 ? 5 + (x - 5) / 2 : x / 2))
  const truths = drawsOf('truths', 400)
  const held = Array.from({ length: 400 }, (_, i) =>
    jointCredibility(narrow, 3, [0, 2], [truths[3 * i], truths[3 * i + 2]]),
  ).filter(c => c < 0.68).length
  t.ok(held / 400 < 0.4, `${held} of 400 in the 68% region`)
})

t.test('the normal density is the one of the moments', async t => {
  const draws = drawsOf('posterior', 800)
  const moments = momentsOfDraws(draws, 3, [0])
  const { mean, covariance } = moments
  const z = (0.3 - mean[0]) / Math.sqrt(covariance.get(0, 0))
  const expected = -0.5 * (z ** 2 + Math.log(2 * Math.PI * covariance.get(0, 0)))
  t.ok(Math.abs(logNormalAt(moments, [0.3]) - expected) < 1e-12)
  const both = momentsOfDraws(draws, 3, [0, 2]).covariance
  t.ok(
    Matrix.sub(
      both,
      new Matrix([
        [1, 0.8],
        [0.8, 1],
      ]),
    )
      .abs()
      .max() < 0.15,
  )
})
