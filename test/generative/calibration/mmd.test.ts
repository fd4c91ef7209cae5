import t from 'tap'
import { makeKey, normal } from '../../../core/index.js'
import { medianDistance, mmd } from '../../../generative/calibration/index.js'

const key = makeKey(4)
const drawn = (name: string | number, count: number, shift = 0) => normal(key.split(name), count).map(x => x + shift)

t.test('golden, by the formula', async t => {
  const x = Float64Array.from({ length: 12 }, (_, i) => Math.sin(i))
  const y = Float64Array.from({ length: 10 }, (_, i) => Math.cos(2 * i) + 0.3)
  // x = sin(arange(12.)).reshape(6, 2); y = (cos(2 * arange(10.)) + .3).reshape(5, 2); s = median(pdist(x)); k = lambda
  // a, b: exp(-cdist(a, b)**2 / 2 / s**2) (k(x, x).sum() - 6) / 30 + (k(y, y).sum() - 5) / 20 - 2 * k(x, y).mean()
  // numpy 2, scipy 1.17.1
  const found = mmd({ reference: x, sample: y, dim: 2 }, key)
  t.ok(Math.abs(found.bandwidth - 1.6779714727814592) < 1e-12, `${found.bandwidth}`)
  t.ok(Math.abs(found.squared - -0.06807667040541565) < 1e-12, `${found.squared}`)
})

t.test('for normal samples its mean is known', async t => {
  // E k(x, x') with x - x' ~ N(mu, 2 I) and bandwidth s: (s^2 / (s^2 + 2))^(dim / 2) exp(-mu^2 / (2 (s^2 + 2)))
  const [shift, dim, bandwidth] = [0.4, 2, 1.5]
  const spread = bandwidth ** 2 + 2
  const expected = 2 * (bandwidth ** 2 / spread) * (1 - Math.exp(-(dim * shift ** 2) / (2 * spread)))
  const trials = Array.from(
    { length: 40 },
    (_, i) =>
      mmd({ reference: drawn(`a${i}`, 400), sample: drawn(`b${i}`, 600, shift), dim }, key, {
        bandwidth,
        permutations: 0,
      }).squared,
  )
  const mean = trials.reduce((sum, value) => sum + value, 0) / 40
  const error = Math.sqrt(trials.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 39 / 40)
  t.ok(Math.abs(mean - expected) < 4 * error && error < 0.2 * expected, `${mean} +- ${error} for ${expected}`)
})

t.test('p is uniform where nothing differs, small where something does', async t => {
  const ps = Array.from(
    { length: 40 },
    (_, i) =>
      mmd({ reference: drawn(`c${i}`, 120), sample: drawn(`d${i}`, 120), dim: 2 }, key.split(i), {
        permutations: 99,
        tested: 60,
      }).p,
  )
  const low = ps.filter(p => p <= 0.1).length
  // binomial(40, .1): at most 10 with probability .9985
  t.ok(low <= 10, `${low} of 40 at most .1`)
  t.ok(ps.filter(p => p > 0.5).length >= 8)
  const found = mmd({ reference: drawn('e', 600), sample: drawn('f', 600, 1), dim: 2 }, key, { permutations: 99 })
  t.equal(found.p, 0.01)
  t.ok(found.squared > 0.1)
  t.equal(found.tested, 300)
})

t.test('the median distance of many rows is that of normal numbers', async t => {
  // |x - x'| with x - x' ~ N(0, 2): 2^.5 times the upper quartile .67449 of a normal number
  t.ok(Math.abs(medianDistance(drawn('g', 4000), 1, key) - Math.SQRT2 * 0.67449) < 0.04)
  t.throws(() => mmd({ reference: [1, 2], sample: [3, 4], dim: 2 }, key), { message: /at least 2 rows.*got 1 and 1/ })
})
