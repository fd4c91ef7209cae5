import type { LinearScore } from './linearScore.js'
import { type CloudMoments, contract } from './ridge.js'
import { type ThetaTerms, termValues } from './thetaTerms.js'

/** One draw of noise at all levels: the quadratic form 2 t.b - t.A t of the theta terms t, nats. */
export interface QuadraticForm {
  /** `[terms, terms]`, symmetric */
  readonly matrix: Float64Array
  /** `[terms]` */
  readonly vector: Float64Array
}

/**
 * The bound on log p of one cloud as a function of theta, by a diffusion model with a linear score: the mean over draws
 * of noise.
 */
export interface ScoreLikelihood {
  readonly theta: ThetaTerms
  readonly draws: readonly QuadraticForm[]
}

/**
 * The theta-dependent part of the variational bound on log p(x | theta) for a variance-exploding diffusion (Kingma et
 * al. 2021, arXiv 2107.00630, eq. 17, with SNR = 1 / sigma^2):
 *
 *     log p(x | theta) >= const - integral of d ln sigma E |e - e_theta(x + sigma e)|^2.
 *
 * A linear score e_theta = F c with c = sum_k t_k(theta) C_k makes the integrand quadratic in the terms t, so that
 * moments of features and noise, computed once a cloud, give the bound and its gradient at every theta. The integral is
 * the trapezium over the levels that the score was fitted at: between them its coefficients are linear in ln sigma.
 *
 * @param moments of one draw of noise, a level each, as `score.sigmas`
 */
export function quadraticForm(score: LinearScore, moments: readonly CloudMoments[]): QuadraticForm {
  const { features, theta, coefficients, sigmas } = score
  const terms = theta.terms.length
  const logs = sigmas.map(Math.log)
  const matrix = new Float64Array(terms * terms)
  const vector = new Float64Array(terms)
  const last = (features * (features + 1)) / 2
  for (const [level, { packed }] of moments.entries()) {
    const width = ((logs[level + 1] ?? logs[level]) - (logs[level - 1] ?? logs[level])) / 2
    const own = coefficients[level]
    for (let s = 0; s < terms; s++) {
      const row = own.subarray(s * features, (s + 1) * features)
      const product = symmetricProduct(packed, row)
      for (let t = 0; t < terms; t++) {
        let sum = 0
        for (let k = 0; k < features; k++) sum += own[t * features + k] * product[k]
        matrix[t * terms + s] += width * sum
      }
      let sum = 0
      for (let k = 0; k < features; k++) sum += row[k] * packed[last + k]
      vector[s] += width * sum
    }
  }
  return { matrix, vector }
}

/** A symmetric matrix, its lower triangle packed row by row, times a vector. */
function symmetricProduct(packed: ArrayLike<number>, x: Float64Array): Float64Array {
  const out = new Float64Array(x.length)
  let at = 0
  for (let i = 0; i < x.length; i++) {
    for (let j = 0; j < i; j++, at++) {
      out[i] += packed[at] * x[j]
      out[j] += packed[at] * x[i]
    }
    out[i] += packed[at++] * x[i]
  }
  return out
}

/** The mean of forms. */
export function meanForm(forms: readonly QuadraticForm[]): QuadraticForm {
  const mean = (pick: (form: QuadraticForm) => Float64Array) =>
    pick(forms[0]).map((_, i) => forms.reduce((sum, form) => sum + pick(form)[i], 0) / forms.length)
  return { matrix: mean(form => form.matrix), vector: mean(form => form.vector) }
}

/**
 * The form at theta (in the order of `theta.names`), nats above theta-independent terms; its gradient is written where
 * asked for.
 */
export function formAt(
  { matrix, vector }: QuadraticForm,
  space: ThetaTerms,
  theta: readonly number[],
  gradient?: Float64Array,
): number {
  const t = termValues(space, theta)
  const count = t.length
  const product = contract(matrix, t)
  let value = 0
  for (let k = 0; k < count; k++) value += t[k] * (2 * vector[k] - product[k])
  if (!gradient) return value
  const slope = Float64Array.from(product, (p, k) => 2 * (vector[k] - p))
  gradient.fill(0)
  space.terms.forEach((term, k) => {
    for (const p of new Set(term)) gradient[p] += slope[k] * termSlope(space, theta, term, p)
  })
  return value
}

/**
 * d of a product of standardised parameters by one of its factors. Of logarithms a standardised parameter's slope is 1
 * / (theta deviation).
 */
function termSlope(space: ThetaTerms, theta: readonly number[], term: readonly number[], p: number): number {
  const logarithmic = space.scale === 'logarithmic'
  const standard = (q: number) => ((logarithmic ? Math.log(theta[q]) : theta[q]) - space.mean[q]) / space.deviation[q]
  const power = term.filter(q => q === p).length
  const others = term.reduce((product, q) => (q === p ? product : product * standard(q)), 1)
  return (others * power * standard(p) ** (power - 1)) / (space.deviation[p] * (logarithmic ? theta[p] : 1))
}

/**
 * Standard error of the difference between the bounds at two thetas, by the spread over the draws of noise; NaN with
 * one draw.
 */
export function differenceError(
  { theta: space, draws }: ScoreLikelihood,
  a: readonly number[],
  b: readonly number[],
): number {
  const differences = draws.map(form => formAt(form, space, a) - formAt(form, space, b))
  const mean = differences.reduce((sum, x) => sum + x, 0) / draws.length
  const variance = differences.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (draws.length - 1)
  return Math.sqrt(variance / draws.length)
}
