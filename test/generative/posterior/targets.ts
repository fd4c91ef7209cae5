import type { ParameterPrior } from '../../../core/index.js'
import {
  type LogDensityWithGradient,
  normalCdf,
  normalInverseCdf,
  pointwiseTarget,
  type Target,
} from '../../../generative/posterior/index.js'
import { noiseOfSchools, schools, schoolsEvidence, schoolsTruth } from './eightSchools.js'
import { integrated, logIntegral } from './quadrature.js'

/**
 * What a density says that is known exactly: the mean of `of` is `value`. Quantiles are shares below them, so that
 * their errors are those of a mean.
 */
export interface Expectation {
  readonly name: string
  readonly of: (theta: Float64Array) => number
  readonly value: number
}

/** A density of which the truth is known, as prior times likelihood. */
export interface KnownTarget {
  readonly dim: number
  readonly prior: ParameterPrior
  /** nats, constants kept, so that the evidence is the integral of prior times likelihood */
  readonly logLikelihood: LogDensityWithGradient
  /** log prior plus log likelihood over theta, with its gradient */
  readonly target: Target
  /** nats */
  readonly logEvidence: number
  readonly expectations: readonly Expectation[]
}

const logTwoPi = Math.log(2 * Math.PI)
const logNormal = (x: number, variance: number): number => -(x * x) / variance / 2 - (logTwoPi + Math.log(variance)) / 2

/** Of coordinate `i`: mean, square, and the share below the quantiles where they are given. */
function coordinate(
  i: number,
  name: string,
  mean: number,
  square: number,
  shares: readonly (readonly [number, number])[] = [],
): Expectation[] {
  return [
    { name: `<${name}>`, of: x => x[i], value: mean },
    { name: `<${name}^2>`, of: x => x[i] ** 2, value: square },
    ...shares.map(([bound, share]) => ({
      name: `P(${name} < ${bound})`,
      of: (x: Float64Array) => +(x[i] < bound),
      value: share,
    })),
  ]
}

/** Row by row from maps of one point. */
export function priorOf(
  names: readonly string[],
  toTheta: (z: Float64Array) => ArrayLike<number>,
  toNormal: (theta: Float64Array) => ArrayLike<number>,
  logProb: (theta: Float64Array) => number,
): ParameterPrior {
  const p = names.length
  const rowwise = (map: (row: Float64Array) => ArrayLike<number>) => (rows: Float64Array) => {
    const out = new Float64Array(rows.length)
    for (let at = 0; at < rows.length; at += p) out.set(map(rows.subarray(at, at + p)), at)
    return out
  }
  return {
    names,
    toTheta: rowwise(toTheta),
    toNormal: rowwise(toNormal),
    logProb: theta =>
      Float64Array.from({ length: theta.length / p }, (_, row) => logProb(theta.subarray(row * p, (row + 1) * p))),
  }
}

/** Independent, around zero. */
function normalPrior(deviations: readonly number[]): ParameterPrior {
  return priorOf(
    deviations.map((_, i) => `x${i}`),
    z => z.map((u, i) => u * deviations[i]),
    theta => theta.map((x, i) => x / deviations[i]),
    theta => deviations.reduce((sum, s, i) => sum + logNormal(theta[i], s * s), 0),
  )
}

function uniformPrior(box: readonly (readonly [number, number])[]): ParameterPrior {
  const inside = (x: Float64Array) => box.every(([low, high], i) => x[i] > low && x[i] < high)
  return priorOf(
    box.map((_, i) => `x${i}`),
    z => z.map((u, i) => box[i][0] + (box[i][1] - box[i][0]) * normalCdf(u)),
    theta => theta.map((x, i) => normalInverseCdf((x - box[i][0]) / (box[i][1] - box[i][0]))),
    theta => (inside(theta) ? -box.reduce((sum, [low, high]) => sum + Math.log(high - low), 0) : -Infinity),
  )
}

/** A target of the prior and the likelihood; `priorGradient` adds the gradient of the log prior. */
/** The gradient of ln N(theta; 0, wide^2 I) on top of what is there. */
const slopeOfNormal = (wide: number) => (theta: Float64Array, gradient: Float64Array) =>
  theta.forEach((u, i) => {
    gradient[i] -= u / wide ** 2
  })

function known(
  prior: ParameterPrior,
  logLikelihood: LogDensityWithGradient,
  priorGradient: (theta: Float64Array, gradient: Float64Array) => void,
  logEvidence: number,
  expectations: readonly Expectation[],
): KnownTarget {
  const dim = prior.names.length
  const both: LogDensityWithGradient = (theta, gradient) => {
    const log = prior.logProb(theta)[0]
    if (log === -Infinity) return log
    const sum = log + logLikelihood(theta, gradient)
    priorGradient(theta, gradient)
    return sum
  }
  const scratch = new Float64Array(dim)
  const target = pointwiseTarget(dim, theta => both(theta, scratch), both)
  return { dim, prior, logLikelihood, target, logEvidence, expectations }
}

/**
 * Ten numbers seen at 1 with a noise in which neighbours correlate by .95 (an autoregressive series), and a prior N(0,
 * 3^2) each: the posterior is a Gaussian a hundred times longer than wide.
 */
function correlatedGaussian(): KnownTarget {
  const [dim, rho, wide, seen] = [10, 0.95, 3, 1]
  const step = 1 - rho * rho
  // the precision of the noise is tridiagonal
  const inverse = (i: number, j: number): number =>
    i === j ? (i === 0 || i === dim - 1 ? 1 : 1 + rho * rho) / step : Math.abs(i - j) === 1 ? -rho / step : 0
  const logLikelihood: LogDensityWithGradient = (x, gradient) => {
    let square = 0
    for (let i = 0; i < dim; i++) {
      let pull = 0
      for (let j = Math.max(0, i - 1); j < Math.min(dim, i + 2); j++) pull += inverse(i, j) * (seen - x[j])
      gradient[i] = pull
      square += (seen - x[i]) * pull
    }
    return -(square + dim * logTwoPi + (dim - 1) * Math.log(step)) / 2
  }
  // V = (precision + I / wide^2)^-1, the evidence N(seen; 0, noise + wide^2 I); both by Gauss and Jordan
  const { inverse: covariance } = inverted(dim, (i, j) => inverse(i, j) + (i === j ? 1 / wide ** 2 : 0))
  const total = inverted(dim, (i, j) => rho ** Math.abs(i - j) + (i === j ? wide ** 2 : 0))
  const pulled = Array.from({ length: dim }, (_, i) =>
    Array.from({ length: dim }, (_, j) => inverse(i, j) * seen).reduce((a, b) => a + b, 0),
  )
  const mean = covariance.map(row => row.reduce((sum, v, j) => sum + v * pulled[j], 0))
  const square = total.inverse.flat().reduce((a, b) => a + b, 0) * seen ** 2
  const logEvidence = -(square + dim * logTwoPi + total.logDet) / 2
  return known(normalPrior(new Array(dim).fill(wide)), logLikelihood, slopeOfNormal(wide), logEvidence, [
    ...[0, 4, 9].flatMap(i => {
      const sd = Math.sqrt(covariance[i][i])
      return coordinate(i, `x${i}`, mean[i], mean[i] ** 2 + sd * sd, [
        [mean[i] - 1.6448536269514722 * sd, 0.05],
        [mean[i] + 1.6448536269514722 * sd, 0.95],
      ])
    }),
    { name: '<x4 x5>', of: x => x[4] * x[5], value: mean[4] * mean[5] + covariance[4][5] },
    {
      name: 'var(x4 - x5)',
      of: x => (x[4] - x[5] - mean[4] + mean[5]) ** 2,
      value: covariance[4][4] + covariance[5][5] - 2 * covariance[4][5],
    },
  ])
}

/** Inverse and log-determinant of a positive definite matrix. */
function inverted(n: number, at: (i: number, j: number) => number): { inverse: number[][]; logDet: number } {
  const rows = Array.from({ length: n }, (_, i) => [
    ...Array.from({ length: n }, (_, j) => at(i, j)),
    ...Array.from({ length: n }, (_, j) => +(i === j)),
  ])
  let logDet = 0
  for (let i = 0; i < n; i++) {
    const pivot = rows[i][i]
    logDet += Math.log(pivot)
    rows[i] = rows[i].map(v => v / pivot)
    for (let j = 0; j < n; j++) {
      if (j === i) continue
      const factor = rows[j][i]
      rows[j] = rows[j].map((v, k) => v - factor * rows[i][k])
    }
  }
  return { inverse: rows.map(row => row.slice(n)), logDet }
}

/** Rosenbrock's valley: x0 ~ N(0, 1), x1 ~ N(x0^2, .5^2), in a box so wide that its walls take less than 1e-8. */
function banana(): KnownTarget {
  const width = 0.5
  const box = [
    [-6, 6],
    [-6, 40],
  ] as const
  const logLikelihood: LogDensityWithGradient = (x, gradient) => {
    const off = x[1] - x[0] ** 2
    gradient[0] = -x[0] + (2 * x[0] * off) / width ** 2
    gradient[1] = -off / width ** 2
    return logNormal(x[0], 1) + logNormal(off, width ** 2)
  }
  const area = box.reduce((product, [low, high]) => product * (high - low), 1)
  return known(uniformPrior(box), logLikelihood, () => {}, -Math.log(area), [
    ...coordinate(0, 'x0', 0, 1, [
      [-1.6448536269514722, 0.05],
      [0.6744897501960817, 0.75],
      [1.6448536269514722, 0.95],
    ]),
    { name: '<x1>', of: x => x[1], value: 1 },
    // the square of x1 has too heavy a tail to be a fair test: E x1^2 = 3.25 with a variance of 94
    { name: 'P(x1 < x0^2)', of: x => +(x[1] < x[0] ** 2), value: 0.5 },
    { name: '<(x1 - x0^2)^2>', of: x => (x[1] - x[0] ** 2) ** 2, value: width ** 2 },
  ])
}

/**
 * Neal's funnel (Neal 2003, doi:10.1214/aos/1056562461, section 8) as a posterior: v ~ N(0, 3^2), nine x ~ N(0, 10^2),
 * each seen at 0 with the variance exp(v). Its neck at small v is Neal's; its mouth ends at v of about 5, where the
 * noise is as wide as the prior.
 */
function funnel(): KnownTarget {
  const [dim, spread, wide] = [10, 3, 10]
  const logLikelihood: LogDensityWithGradient = (x, gradient) => {
    const precision = Math.exp(-x[0])
    let square = 0
    for (let i = 1; i < dim; i++) {
      square += x[i] ** 2
      gradient[i] = -x[i] * precision
    }
    gradient[0] = (square * precision - (dim - 1)) / 2
    return -(square * precision + (dim - 1) * (x[0] + logTwoPi)) / 2
  }
  const logOfV = (v: number): number => logNormal(v, spread ** 2) + (dim - 1) * logNormal(0, wide ** 2 + Math.exp(v))
  const range = [-30, 20] as const
  const moment = (of: (v: number) => number): number => integrated(of, logOfV, range)
  const shares = [-4, -1, 2, 4].map(bound => [bound, moment(v => +(v < bound))] as const)
  return known(
    normalPrior([spread, ...new Array(dim - 1).fill(wide)]),
    logLikelihood,
    (x, gradient) =>
      x.forEach((u, i) => {
        gradient[i] -= u / (i === 0 ? spread : wide) ** 2
      }),
    logIntegral(logOfV, range),
    [
      ...coordinate(
        0,
        'v',
        moment(v => v),
        moment(v => v * v),
        shares,
      ),
      { name: '<x1>', of: x => x[1], value: 0 },
      {
        name: 'P(|x1| < .1)',
        of: x => +(Math.abs(x[1]) < 0.1),
        value: moment(v => 2 * normalCdf(0.1 * Math.sqrt(Math.exp(-v) + wide ** -2)) - 1),
      },
    ],
  )
}

/** Seven tenths around (3, 3), three tenths around (-3, -3), 6 to 8 deviations of each from the saddle. */
function twoModes(): KnownTarget {
  const [dim, wide, sd, place, share] = [2, 5, 0.5, 3, 0.7]
  const one = (x: Float64Array, sign: number, weight: number): number =>
    Math.log(weight) + x.reduce((sum, u) => sum + logNormal(u - sign * place, sd * sd), 0)
  const logLikelihood: LogDensityWithGradient = (x, gradient) => {
    const [plus, minus] = [one(x, 1, share), one(x, -1, 1 - share)]
    const top = Math.max(plus, minus)
    const log = top + Math.log(Math.exp(plus - top) + Math.exp(minus - top))
    for (let i = 0; i < dim; i++) {
      gradient[i] = -(Math.exp(plus - log) * (x[i] - place) + Math.exp(minus - log) * (x[i] + place)) / sd ** 2
    }
    return log
  }
  const variance = 1 / (1 / wide ** 2 + 1 / sd ** 2)
  const mean = (place * variance) / sd ** 2
  return known(
    normalPrior(new Array(dim).fill(wide)),
    logLikelihood,
    slopeOfNormal(wide),
    dim * logNormal(place, wide ** 2 + sd ** 2),
    [
      ...coordinate(0, 'x0', (2 * share - 1) * mean, mean ** 2 + variance, [[0, 1 - share]]),
      { name: '<x0 x1>', of: x => x[0] * x[1], value: mean ** 2 },
      { name: 'P(x1 < its upper mean)', of: x => +(x[1] < mean), value: 1 - share / 2 },
    ],
  )
}

/** The log prior of log tau for a half Cauchy of scale 5, its derivative beside it. */
function logTauPrior(l: number): [number, number] {
  const square = Math.exp(2 * (l - Math.log(5)))
  return [Math.log(2 / Math.PI / 5) + l - Math.log1p(square), 1 - (2 * square) / (1 + square)]
}

// tan near its pole by the complement, so that large tau come back
const logTauOf = (z: number): number =>
  Math.log(5) +
  (z > 0 ? -Math.log(Math.tan((Math.PI / 2) * normalCdf(-z))) : Math.log(Math.tan((Math.PI / 2) * normalCdf(z))))
const normalOfLogTau = (l: number): number =>
  l > Math.log(5)
    ? -normalInverseCdf((2 / Math.PI) * Math.atan(5 * Math.exp(-l)))
    : normalInverseCdf((2 / Math.PI) * Math.atan(Math.exp(l) / 5))

/**
 * Rubin's eight schools (Gelman et al., Bayesian Data Analysis 3, section 5.5) with the priors of posteriordb: mu ~
 * N(0, 5^2), tau ~ half Cauchy(5), coordinates mu, log tau, and the schools' effects, as offsets in units of tau from
 * mu (non-centred) or as they are (centred: a funnel at small tau).
 */
function eightSchools(centred: boolean): KnownTarget {
  const count = schools.length
  const names = ['mu', 'log tau', ...schools.map((_, j) => `${centred ? 'theta' : 'eta'}${j + 1}`)]
  const effect = (x: Float64Array, j: number): number => (centred ? x[2 + j] : x[0] + Math.exp(x[1]) * x[2 + j])
  const prior = priorOf(
    names,
    z => {
      const [mu, l] = [5 * z[0], logTauOf(z[1])]
      return [mu, l, ...Array.from(z.subarray(2), u => (centred ? mu + Math.exp(l) * u : u))]
    },
    x => [
      x[0] / 5,
      normalOfLogTau(x[1]),
      ...Array.from(x.subarray(2), u => (centred ? (u - x[0]) * Math.exp(-x[1]) : u)),
    ],
    x => {
      const tau = Math.exp(x[1])
      let log = logNormal(x[0], 25) + logTauPrior(x[1])[0]
      for (let j = 0; j < count; j++) log += centred ? logNormal(x[2 + j] - x[0], tau * tau) : logNormal(x[2 + j], 1)
      return Number.isNaN(log) ? -Infinity : log
    },
  )
  const logLikelihood: LogDensityWithGradient = (x, gradient) => {
    const tau = Math.exp(x[1])
    gradient.fill(0)
    let log = 0
    for (let j = 0; j < count; j++) {
      const off = schools[j] - effect(x, j)
      const pull = off / noiseOfSchools[j] ** 2
      log += logNormal(off, noiseOfSchools[j] ** 2)
      gradient[2 + j] = centred ? pull : pull * tau
      if (centred) continue
      gradient[0] += pull
      gradient[1] += pull * tau * x[2 + j]
    }
    return log
  }
  const priorGradient = (x: Float64Array, gradient: Float64Array): void => {
    gradient[0] -= x[0] / 25
    gradient[1] += logTauPrior(x[1])[1]
    const precision = Math.exp(-2 * x[1])
    for (let j = 0; j < count; j++) {
      if (!centred) {
        gradient[2 + j] -= x[2 + j]
        continue
      }
      const pull = (x[2 + j] - x[0]) * precision
      gradient[2 + j] -= pull
      gradient[0] += pull
      gradient[1] += pull * (x[2 + j] - x[0]) - 1
    }
  }
  const expectations = schoolsTruth.map(({ name, parameter, mean, quantile }): Expectation => {
    const value = (x: Float64Array): number =>
      parameter === 'mu' ? x[0] : parameter === 'tau' ? Math.exp(x[1]) : effect(x, parameter)
    return mean === undefined
      ? { name, of: x => +(value(x) < quantile[0]), value: quantile[1] }
      : { name, of: value, value: mean }
  })
  return known(prior, logLikelihood, priorGradient, schoolsEvidence, expectations)
}

/** Every target by name; what must be right for one is asked of all samplers that can. */
export const targets = {
  'correlated Gaussian': correlatedGaussian(),
  banana: banana(),
  funnel: funnel(),
  'two modes': twoModes(),
  'eight schools': eightSchools(false),
  'eight schools, centred': eightSchools(true),
} as const satisfies Readonly<Record<string, KnownTarget>>
