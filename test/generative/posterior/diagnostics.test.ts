import t from 'tap'
import { betaCdf, betaQuantile } from '../../../generative/posterior/betaQuantile.js'
import {
  autocorrelation,
  type Chains,
  diagnose,
  effectiveSampleSize,
  energyFractions,
  errorOfMean,
  errorOfQuantile,
  independentDiagnostics,
  integratedTime,
  normalCdf,
  normalInverseCdf,
  rhat,
  tailSampleSize,
} from '../../../generative/posterior/index.js'

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
/** `[500, 4, 1]` */
const chainsOf = (series: readonly Float64Array[], energy = series): Chains => {
  const [chains, length] = [series.length, series[0].length]
  const rows = (of: readonly Float64Array[]) =>
    Float64Array.from({ length: length * chains }, (_, i) => of[i % chains][Math.floor(i / chains)])
  const none = () => new Uint8Array(length * chains)
  const trajectories = {
    divergent: none(),
    cut: none(),
    energy: rows(energy),
    steps: new Int32Array(length * chains),
    stepSize: new Float64Array(chains),
  }
  return {
    dim: 1,
    chains,
    length,
    draws: rows(series),
    logDensity: rows(energy),
    acceptance: 1,
    evaluations: 1,
    trajectories,
  }
}
const apart = mixed.map((chain, c) => (c === 3 ? chain.map(x => x + 0.7) : chain))

t.test('R-hat, effective sizes and autocorrelation times are those of arviz and emcee', async t => {
  // def lcg(n,s=12345): … s=(s*1103515245+12345)%2**31 … (s+.5)/2**31; u=lcg(2000).reshape(4,500);
  // x[:,t]=.8*x[:,t-1]+u[:,t]-.5; y=x.copy(); y[3]+=.7 az.rhat(x), az.ess(x), az.ess(x, method='tail'),
  // emcee.autocorr.integrated_time(x.T[:,:,None], quiet=True)     arviz 0.23.4, emcee 3.1.6
  const cases: [string, Float64Array[], number, number, number, number][] = [
    ['mixed', mixed, 1.0126265508440984, 265.30023478117283, 460.2112351956052, 6.159096438485193],
    ['apart', apart, 1.2230073883116734, 14.918731163966577, 89.48839816651093, 6.159096438485193],
  ]
  for (const [name, chains, ...expected] of cases) {
    const got = [rhat(chains), effectiveSampleSize(chains), tailSampleSize(chains), integratedTime(chains)]
    for (const [i, value] of expected.entries())
      t.ok(Math.abs(got[i] / value - 1) < 1e-9, `${name}: ${got[i]} and ${value}`)
  }
  // rounded to one decimal there are ties: az.rhat(np.round(x, 1)), az.ess(np.round(x, 1))
  const rounded = mixed.map(chain => chain.map(x => Math.round(10 * x) / 10))
  t.ok(Math.abs(rhat(rounded) / 1.013374128104864 - 1) < 1e-9)
  t.ok(Math.abs(effectiveSampleSize(rounded) / 266.1231711410355 - 1) < 1e-9)
})

t.test('errors of means and quantiles, energies and autocorrelations are those of arviz', async t => {
  // az.mcse(x, method='mean'), az.mcse(x, method='quantile', prob=.05), the same with .5, az.bfmi(x)[0],
  // az.autocorr(x[0])[1:3]     arviz 0.23.4
  const correlation = autocorrelation([mixed[0]], 2)
  const golden: [string, number, number][] = [
    ['mean', errorOfMean(mixed), 0.02744170347653495],
    ['5%', errorOfQuantile(mixed, 0.05), 0.054642346025054966],
    ['median', errorOfQuantile(mixed, 0.5), 0.033497586219712494],
    ['energy', energyFractions(chainsOf(mixed))![0], 0.39671388],
    ['lag 1', correlation[1], 0.8005053095089878],
    ['lag 2', correlation[2], 0.6561013263095831],
    // scipy: beta.ppf(.1586553, 20.5, 300), beta.ppf(.8413447, 150, 151), beta.cdf(.3, 2.5, .7)
    ['beta', betaQuantile(0.1586553, 20.5, 300), 0.05038795142382191],
    ['beta', betaQuantile(0.8413447, 150, 151), 0.527158193612719],
    ['beta', betaCdf(0.3, 2.5, 0.7), 0.029814024845250465],
  ]
  for (const [name, got, value] of golden) t.ok(Math.abs(got / value - 1) < 1e-7, `${name}: ${got} and ${value}`)
})

t.test('the verdict names what is wrong, and nothing else', async t => {
  // what is independent: uniforms of the same generator
  const good = Array.from({ length: 4 }, (_, c) => Float64Array.from(uniforms(4000).slice(1000 * c, 1000 * (c + 1))))
  const well = diagnose(chainsOf(good), { names: ['omega_m'] })
  t.ok(well.trusted, well.verdict)
  t.equal(well.parameters[0].name, 'omega_m')
  t.ok(Math.abs(well.parameters[0].mean - 0.5) < 4 * well.parameters[0].error)
  const withTrouble = (trouble: Partial<NonNullable<Chains['trajectories']>>): Chains => {
    const chains = chainsOf(good)
    return { ...chains, trajectories: { ...chains.trajectories!, ...trouble } }
  }
  const slow = good.map(chain => chain.map((_, i) => Math.sin(i / 50)))
  const cases: [string, Chains, RegExp][] = [
    ['apart', chainsOf(apart, good), /do not agree on x0/],
    ['few', chainsOf(mixed, good), /too few effective draws in bulk/],
    [
      'stuck',
      chainsOf(
        good.map(chain => chain.map(() => 1)),
        good,
      ),
      /R-hat NaN/,
    ],
    [
      'not a number',
      chainsOf(
        good.map(chain => chain.map((x, i) => (i === 7 ? Number.NaN : x))),
        good,
      ),
      /R-hat NaN/,
    ],
    [
      'divergent',
      withTrouble({ divergent: new Uint8Array(4000).fill(1, 0, 3) }),
      /^do not believe these chains: 3 of 4000 trajectories diverged[^;]*; write[^;]*$/,
    ],
    [
      'cut',
      withTrouble({ cut: new Uint8Array(4000).fill(1, 0, 100) }),
      /^do not believe these chains: 100 of 4000 trajectories were cut[^;]*$/,
    ],
    ['energy', chainsOf(good, slow), /^do not believe these chains: the energy moves too little/],
  ]
  for (const [name, chains, expected] of cases) {
    const { trusted, verdict } = diagnose(chains)
    t.ok(!trusted && expected.test(verdict), `${name}: ${verdict}`)
  }
})

t.test('a draw that is NaN makes every diagnostic NaN, and none of them waits for ever', async t => {
  const broken = mixed.map((chain, c) => (c === 1 ? chain.map((x, i) => (i === 30 ? Number.NaN : x)) : chain))
  for (const of of [rhat, effectiveSampleSize, tailSampleSize, errorOfMean]) t.ok(Number.isNaN(of(broken)), of.name)
  const infinite = mixed.map((chain, c) => (c === 1 ? chain.map((x, i) => (i === 30 ? Infinity : x)) : chain))
  t.ok(rhat(infinite) < 1.1)
  const rows = Float64Array.from({ length: 4000 }, (_, i) => mixed[Math.floor(i / 1000)][Math.floor((i % 1000) / 2)])
  t.ok(independentDiagnostics(rows, 2).rhat > 1)
  rows[17] = Number.NaN
  t.ok(Number.isNaN(independentDiagnostics(rows, 2).rhat))
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
