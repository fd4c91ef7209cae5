import t from 'tap'
import { binomialInterval } from '../../statistics/index.js'

t.test('binomial intervals', async t => {
  // scipy.stats.binom.ppf(t, n, p), .isf(t, n, p) with t = (1 - share) / 2
  t.same(binomialInterval(10000, 0.05, 0.99), [445, 557])
  t.same(binomialInterval(100, 0.68, 0.95), [59, 77])
  t.same(binomialInterval(37, 0.9, 0.95), [29, 36])
  t.same(binomialInterval(10000, 0.68, 0.95), [6708, 6891])
  t.same(binomialInterval(50, 0, 0.95), [0, 0])
  t.same(binomialInterval(50, 1, 0.95), [50, 50])
})
