import t from 'tap'
import { DataError, logGamma, makeKey, normal } from '../../../core/index.js'
import {
  type Calibration,
  type CalibrationOptions,
  chiSquareTail,
  jointLogDensity,
  kolmogorovBand,
  kolmogorovUniform,
  makeCalibration,
  marginalLogDensity,
} from '../../../generative/calibration/index.js'
import { normalCdf } from '../../../generative/posterior/index.js'

const key = makeKey(20261122)

/** How a posterior is wrong. */
interface Fault {
  /** its standard deviations times this */
  readonly width?: number
  /** its means, moved by so many standard deviations */
  readonly shift?: number
  /** as much wider where its mean is above 0 as narrower where it is below */
  readonly uneven?: number
  /** its correlation left out, its marginals right */
  readonly uncorrelated?: boolean
}

/**
 * theta ~ N(0, 1) twice, data d ~ N(theta_0 + theta_1, .3^2): Sherman and Morrison give the posterior, mean d / (2 +
 * s^2) each, variances 1 - 1 / (2 + s^2), covariance -1 / (2 + s^2).
 */
function judge(
  count: number,
  { width: everywhere = 1, uneven = 0, shift = 0, uncorrelated = false }: Fault,
  more: Partial<CalibrationOptions> = {},
): Calibration {
  const options: CalibrationOptions = {
    names: ['a', 'b'],
    bounds: [
      [-6, 6],
      [-6, 6],
    ],
    toUnit: theta => theta.map(x => x / 6 + 0.5),
    key,
    scores: false,
    ...more,
  }
  const calibration = makeCalibration(options)
  const s2 = 0.3 ** 2
  const sd = Math.sqrt(1 - 1 / (2 + s2))
  const rho = uncorrelated ? 0 : -1 / (2 + s2) / sd ** 2
  const draws = 100
  for (let i = 0; i < count; i++) {
    const own = key.split('galaxy').split(i)
    const [a, b, noise] = normal(own.split('truth'), 3)
    const mean = (a + b + 0.3 * noise) / (2 + s2) + shift * sd
    const width = everywhere + (mean > 0 ? uneven : -uneven)
    const z = normal(own.split('draws'), 2 * draws)
    const points = Float64Array.from(z, (value, j) =>
      j % 2 === 0 ? mean + width * sd * value : mean + width * sd * (rho * z[j - 1] + Math.sqrt(1 - rho * rho) * value),
    )
    calibration.add([a, b], points)
  }
  return calibration.result()
}

t.test('a posterior that is right is found right', async t => {
  const { ranks, ranksUniform, tarp, parameters, levels, coverageError } = judge(800, {})
  t.ok(ranksUniform, JSON.stringify(ranks.map(({ chiSquare, kolmogorov }) => [chiSquare.p, kolmogorov.p])))
  t.ok(tarp.within, `p ${tarp.p}`)
  t.ok(tarp.coverage.every((c, i) => Math.abs(c - levels[i]) < tarp.band))
  for (const { coverage } of parameters) {
    t.ok(
      coverage.every((c, i) => Math.abs(c - levels[i]) < 4 * coverageError[i]),
      Array.from(coverage).join(' '),
    )
  }
  const sd = Math.sqrt(1 - 1 / 2.09)
  for (const { posteriorSd, rmse, meanBias, medianBias } of parameters) {
    t.ok(Math.abs(posteriorSd / sd - 1) < 0.02 && Math.abs(rmse / sd - 1) < 0.08, `${posteriorSd}, ${rmse}`)
    t.ok(Math.abs(meanBias) < 0.1 && Math.abs(medianBias) < 0.12, `${meanBias}, ${medianBias}`)
  }
})

t.test('widths 20% off and a shift are found', async t => {
  for (const width of [0.8, 1.2]) {
    const { ranksUniform, parameters, levels } = judge(800, { width })
    t.notOk(ranksUniform, `width ${width}`)
    const at68 = levels.indexOf(0.68)
    // erf(.9945 width / sqrt 2): the share that an interval of a wrong width holds
    const expected = 1 - 2 * normalCdf(-0.9945 * width)
    for (const { coverage } of parameters)
      t.ok(Math.abs(coverage[at68] - expected) < 0.05, `${coverage[at68]}, not ${expected}`)
  }
  const shifted = judge(600, { shift: 0.3 })
  t.notOk(shifted.ranksUniform)
  t.ok(shifted.parameters.every(({ meanBias }) => Math.abs(meanBias - 0.3 * Math.sqrt(1 - 1 / 2.09)) < 0.1))
})

t.test('what is too wide here and too narrow there is found there', async t => {
  const right = judge(800, {})
  t.equal(right.local.length, 2)
  t.ok(
    right.local.every(({ p }) => p > 0.01),
    right.local.map(({ p }) => p).join(' '),
  )
  const uneven = judge(1600, { uneven: 0.3 })
  const at68 = uneven.levels.indexOf(0.68)
  for (const [i, { coverage }] of uneven.parameters.entries()) {
    t.ok(Math.abs(coverage[at68] - 0.68) < 0.05, `on average ${coverage[at68]} hold`)
    const { covariates, levels, p } = uneven.local[i]
    const shares = Object.values(covariates)[0].map(({ coverage: each }) => each[levels.indexOf(0.68)])
    t.ok(p < 1e-3, `p ${p}`)
    t.ok(shares[0] < 0.65 && shares[7] > 0.75, shares.join(' '))
  }
  t.equal(judge(100, {}).local.length, 0, 'too few to say')
})

t.test('TARP sees a correlation left out, which ranks do not', async t => {
  const { ranksUniform, tarp } = judge(2000, { uncorrelated: true }, { toUnit: theta => theta.map(normalCdf) })
  t.ok(ranksUniform)
  t.notOk(tarp.within, `p ${tarp.p}`)
})

t.test('the log-scores prefer the right posterior and come near its density', async t => {
  const right = judge(150, {}, { scores: true })
  const faults: Record<string, Fault> = {
    narrow: { width: 0.6 },
    wide: { width: 1.6 },
    uncorrelated: { uncorrelated: true },
  }
  for (const [name, fault] of Object.entries(faults)) {
    const wrong = judge(150, fault, { scores: true })
    t.ok(
      right.jointLogScore.mean > wrong.jointLogScore.mean + 0.02,
      `${name}: ${right.jointLogScore.mean}, ${wrong.jointLogScore.mean}`,
    )
    if (name === 'uncorrelated') continue
    for (const p of [0, 1]) t.ok(right.parameters[p].logScore.mean > wrong.parameters[p].logScore.mean, name)
  }
  // differential entropies: log N(mean, sd) on average -1/2 log(2 pi e sd^2); jointly the information -1/2 log det C
  const entropy = -Math.log(2 * Math.PI * Math.E * (1 - 1 / 2.09)) / 2
  for (const { logScore } of right.parameters)
    t.ok(Math.abs(logScore.mean - entropy) < 0.12, `${logScore.mean}, ${entropy}`)
  const information = -Math.log(0.09 / 2.09) / 2
  // in these coordinates the prior is no cube: six times six, less the entropy of two normal numbers
  const ofPrior = 2 * Math.log(6) - Math.log(2 * Math.PI * Math.E)
  t.ok(Math.abs(right.jointLogScore.mean - information - ofPrior) < 0.35, `${right.jointLogScore.mean}, ${information}`)
  t.equal(right.jointLogScore.each.length, 150)
})

t.test('no density is lost at an end, and none is nothing', async t => {
  const sorted = Float64Array.from({ length: 400 }, (_, i) => (i + 0.5) / 400)
  for (const x of [0, 0.02, 0.5, 1]) t.ok(Math.abs(marginalLogDensity(sorted, x, 0, 1)) < 0.02, `uniform at ${x}`)
  const heap = sorted.map(x => 0.4 + 0.01 * x)
  t.ok(Math.abs(marginalLogDensity(heap, 0.9, 0, 1) + Math.log(401)) < 1e-9)
  const cube = Float64Array.from({ length: 800 }, (_, i) =>
    i % 2 === 0 ? (i + 1) / 800 : (((i * 367) % 800) + 0.5) / 800,
  )
  t.ok(Math.abs(jointLogDensity(cube, Float64Array.of(0.3, 0.7))) < 0.1)
  t.ok(jointLogDensity(heap, Float64Array.of(0.9, 0.9)) > -2 * Math.log(401))
})

t.test('probabilities are those of scipy', async t => {
  // stats.chi2.sf([3, 19, 45, 120], [5, 19, 19, 99]); special.gammaln([.3, 5.5, 120])     scipy 1.17
  const tails: [number, number, number][] = [
    [3, 5, 0.6999858358786276],
    [19, 19, 0.45683612559196224],
    [45, 19, 0.0006853966158475271],
    [120, 99, 0.07424385580596692],
  ]
  for (const [x, degrees, p] of tails) t.ok(Math.abs(chiSquareTail(x, degrees) / p - 1) < 1e-10, `${x}, ${degrees}`)
  const gammas: [number, number][] = [
    [0.3, 1.0957979948180756],
    [5.5, 3.9578139676187165],
    [120, 453.0248962384961],
  ]
  for (const [x, value] of gammas) t.ok(Math.abs(logGamma(x) - value) < 1e-10 * value)
  // stats.kstest(x, 'uniform') of (arange(1, 51)**2)/51**2, ((arange(1, 201)-.5)/200)**1.1, ((arange(1, 12)-.5)/11)**2:
  // exact
  const range = (count: number, f: (i: number) => number): number[] => Array.from({ length: count }, (_, i) => f(i + 1))
  const tests: [number[], number, number][] = [
    [range(50, i => i ** 2 / 51 ** 2), 0.26009996155324877, 0.0017944641445556408],
    [range(200, i => ((i - 0.5) / 200) ** 1.1), 0.037548894167131086, 0.9304205348007165],
    [range(11, i => ((i - 0.5) / 11) ** 2), 0.2954545454545454, 0.2401050854547886],
  ]
  for (const [x, statistic, p] of tests) {
    const got = kolmogorovUniform(x)
    t.ok(Math.abs(got.statistic - statistic) < 1e-12)
    t.ok(Math.abs(got.p / p - 1) < 0.05, `${got.p} and ${p}`)
  }
  // stats.kstwobign.isf(.01) = 1.6276236115189504
  t.ok(Math.abs(kolmogorovBand(1e8, 0.01) * 1e4 - 1.6276236115189504) < 1e-4)
})

t.test('draws that are no numbers are refused', async t => {
  const make = () =>
    makeCalibration({
      names: ['a'],
      bounds: [[0, 1]],
      key,
    })
  t.throws(() => make().add([0.5], new Float64Array(20).fill(Number.NaN)), DataError)
  t.throws(() => make().add([0.5, 0.5], new Float64Array(20)), DataError)
})
