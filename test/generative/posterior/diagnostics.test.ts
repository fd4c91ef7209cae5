import t from 'tap'
import {
  effectiveSampleSize,
  integratedTime,
  normalCdf,
  normalInverseCdf,
  rhat,
  tailSampleSize,
} from '../../../src/generative/posterior/index.js'

/** The C standard's generator, so that Python makes the same series. */
function uniforms(count: number): number[] {
  let state = 12345
  return Array.from({ length: count }, () => {
    state = Number((BigInt(state) * 1103515245n + 12345n) % 2147483648n)
    return (state + 0.5) / 2 ** 31
  })
}

/** Four autoregressive chains of 500. */
const mixed = Array.from({ length: 4 }, (_, c) => {
  const u = uniforms(2000).slice(500 * c, 500 * (c + 1))
  const x = new Float64Array(500)
  for (let i = 1; i < 500; i++) x[i] = 0.8 * x[i - 1] + u[i] - 0.5
  return x
})
const apart = mixed.map((chain, c) => (c === 3 ? chain.map(x => x + 0.7) : chain))

t.test('R-hat, effective sizes and autocorrelation times are those of arviz and emcee', async t => {
  // def lcg(n,s=12345): … s=(s*1103515245+12345)%2**31 … (s+.5)/2**31; u=lcg(2000).reshape(4,500); x[:,t]=.8*x[:,t-1]+u[:,t]-.5; y=x.copy(); y[3]+=.7
  // az.rhat(x), az.ess(x), az.ess(x, method='tail'), emcee.autocorr.integrated_time(x.T[:,:,None], quiet=True)     arviz 0.23.4, emcee 3.1.6
  const cases: [string, Float64Array[], number, number, number, number][] = [
    ['mixed', mixed, 1.0126265508440984, 265.30023478117283, 460.2112351956052, 6.159096438485193],
    ['apart', apart, 1.2230073883116734, 14.918731163966577, 89.48839816651093, 6.159096438485193],
  ]
  for (const [name, chains, ...expected] of cases) {
    const got = [rhat(chains), effectiveSampleSize(chains), tailSampleSize(chains), integratedTime(chains)]
    for (const [i, value] of expected.entries()) t.ok(Math.abs(got[i] / value - 1) < 1e-9, `${name}: ${got[i]} and ${value}`)
  }
  // rounded to one decimal there are ties: az.rhat(np.round(x, 1)), az.ess(np.round(x, 1))
  const rounded = mixed.map(chain => chain.map(x => Math.round(10 * x) / 10))
  t.ok(Math.abs(rhat(rounded) / 1.013374128104864 - 1) < 1e-9)
  t.ok(Math.abs(effectiveSampleSize(rounded) / 266.1231711410355 - 1) < 1e-9)
})

t.test('the standard normal is that of scipy', async t => {
  // norm.cdf([-6, -1, .5, 3.5]); norm.ppf([1e-9, .01, .3, .975])     scipy 1.17
  const cdf: [number, number][] = [
    [-6, 9.865876450376946e-10],
    [-1, 0.15865525393145707],
    [0.5, 0.6914624612740131],
    [3.5, 0.9997673709209645],
  ]
  for (const [x, p] of cdf) t.ok(Math.abs(normalCdf(x) / p - 1) < 1e-12, `${x}`)
  const ppf: [number, number][] = [
    [1e-9, -5.9978070150076865],
    [0.01, -2.3263478740408408],
    [0.3, -0.5244005127080409],
    [0.975, 1.959963984540054],
  ]
  for (const [p, x] of ppf) t.ok(Math.abs(normalInverseCdf(p) / x - 1) < 1e-12, `${p}`)
})
