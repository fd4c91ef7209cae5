import t from 'tap'
import { makeKey, normal } from '../../../core/index.js'
import { localCoverage } from '../../../generative/calibration/index.js'
import { normalCdf } from '../../../generative/posterior/index.js'

/**
 * theta ~ N(0, 1), x ~ N(theta, 1): the posterior is N(x / 2, 1 / 2). The share of a central region of N(x / 2,
 * deviation(x)^2) that ends at the truth.
 */
function shares(seed: number, n: number, deviation: (x: number) => number) {
  const [theta, noise] = ['theta', 'noise'].map(name => normal(makeKey(seed).split(name), n))
  const x = Float64Array.from(theta, (value, i) => value + noise[i])
  const share = Float64Array.from(theta, (value, i) => 1 - 2 * normalCdf(-Math.abs(value - x[i] / 2) / deviation(x[i])))
  return { theta, x, share }
}

t.test('an exact posterior covers everywhere', async t => {
  const judged = Array.from({ length: 40 }, (_, seed) => {
    const { x, share } = shares(seed, 400, () => Math.SQRT1_2)
    return localCoverage(share, { x }, { alpha: 0.1 })
  })
  // at most 11 of 40 with probability .9995 where each fails with at most .1
  t.ok(judged.filter(({ within }) => !within).length <= 11)
  for (const { count, coverage } of judged[0].covariates.x) {
    t.equal(count, 50)
    t.ok(Math.abs(coverage[1] - 0.68) < 4 * Math.sqrt((0.68 * 0.32) / 50))
  }
})

t.test('one that is right on average and wrong at every x is found out', async t => {
  // too narrow below zero and too wide above
  const { x, share, theta } = shares(1, 4000, x => Math.SQRT1_2 * (x < 0 ? 0.8 : 1.3))
  const { within, covariates, levels } = localCoverage(share, { x })
  const overall = Array.from(share).filter(value => value <= 0.68).length / 4000
  t.ok(Math.abs(overall - 0.68) < 0.03, `overall ${overall}`)
  t.notOk(within)
  t.same(levels, [0.5, 0.68, 0.95])
  // P(|z| <= .99446 * scale) at .8 and 1.3
  for (const [bin, { coverage }] of covariates.x.entries()) {
    if (bin === 3 || bin === 4) continue
    const expected = bin < 4 ? 1 - 2 * normalCdf(-0.8 * 0.99446) : 1 - 2 * normalCdf(-1.3 * 0.99446)
    t.ok(Math.abs(coverage[1] - expected) < 0.085, `bin ${bin}: ${coverage[1]} for ${expected}`)
  }
  t.ok(localCoverage(share, { x, theta }, { alpha: 0 }).within, 'alpha 0 only describes')
})

t.test('too few are refused', async t => {
  t.throws(() => localCoverage(new Float64Array(100), { x: new Float64Array(100) }), {
    message: /at least 160 shares/,
    exitCode: 3,
  })
  t.throws(() => localCoverage(new Float64Array(200), { x: new Float64Array(100) }), {
    message: /got 200 shares and 100/,
  })
})
