import { type Key, normal, type ParameterPrior, UsageError } from '../../core/index.js'
import { cholesky } from '../posterior/cholesky.js'
import { logStandardNormal } from '../posterior/standardNormal.js'
import { type Marginal, type MarginalSpec, marginalOf } from './marginal.js'

/** A prior whose map from z to theta can be differentiated. */
export interface DifferentiablePrior extends ParameterPrior {
  /**
   * The gradient with respect to z, `[n, p]`, of what has the gradient `gradient`, `[n, p]`, with respect to theta: J^T
   * gradient at each row.
   */
  pullBack(z: Float64Array, gradient: Float64Array): Float64Array
}

/** Independent parameters, and how each was written: what a run folder keeps. */
export interface ProductPrior extends DifferentiablePrior {
  readonly marginals: Readonly<Record<string, MarginalSpec>>
}

/** Whether the parameters of a prior are independent, so that it can be written parameter by parameter. */
export function isProduct(prior: ParameterPrior): prior is ProductPrior {
  return 'marginals' in prior
}

/**
 * Independent parameters, in the order of `marginals`.
 *
 *     const prior = productPrior({ mass: { uniform: [0, 2] }, slope: { normal: [1, 0.5] } })
 *     prior.toTheta(Float64Array.of(0, 2))     // [1, 2]
 *     prior.logProb(Float64Array.of(3, 1))     // [-Infinity]
 *
 * @throws UsageError for no parameter, or an impossible distribution
 */
export function productPrior(marginals: Readonly<Record<string, MarginalSpec>>): ProductPrior {
  const names = Object.keys(marginals)
  if (names.length === 0)
    throw new UsageError('expected a prior of at least one parameter', 'got none', 'name the parameters')
  const parts = names.map(name => marginalOf(name, marginals[name]))
  const each = (rows: Float64Array, of: (part: Marginal, value: number) => number) => {
    expectWhole(rows, names.length)
    return rows.map((value, at) => of(parts[at % names.length], value))
  }
  return {
    names,
    marginals,
    toTheta: z => each(z, (part, value) => part.toTheta(value)),
    toNormal: theta => each(theta, (part, value) => part.toNormal(value)),
    logProb: theta =>
      sumRows(
        each(theta, (part, value) => part.logProb(value)),
        names.length,
      ),
    pullBack: (z, gradient) => each(z, (part, value) => part.slope(value)).map((slope, at) => slope * gradient[at]),
  }
}

/**
 * Jointly normal parameters: theta = mean + L z with L L^T the covariance.
 *
 *     gaussianPrior(['a', 'b'], [1, 2], [4, 2, 2, 5]).toTheta(Float64Array.of(1, 0))   // [3, 3]
 *
 * @param covariance `[p, p]`, row-major, symmetric and positive definite
 * @throws UsageError where it is not
 */
export function gaussianPrior(
  names: readonly string[],
  mean: ArrayLike<number>,
  covariance: ArrayLike<number>,
): DifferentiablePrior {
  const p = names.length
  const lower = factorOf(Float64Array.from(covariance), p)
  let logDet = 0
  for (let i = 0; i < p; i++) logDet += Math.log(lower[i * p + i])
  const toNormal = (theta: Float64Array) => {
    expectWhole(theta, p)
    const z = new Float64Array(theta.length)
    for (let row = 0; row < theta.length; row += p)
      for (let i = 0; i < p; i++) {
        let rest = theta[row + i] - mean[i]
        for (let j = 0; j < i; j++) rest -= lower[i * p + j] * z[row + j]
        z[row + i] = rest / lower[i * p + i]
      }
    return z
  }
  return {
    names,
    toTheta: z => {
      expectWhole(z, p)
      const theta = new Float64Array(z.length)
      for (let row = 0; row < z.length; row += p)
        for (let i = 0; i < p; i++) {
          let sum = mean[i]
          for (let j = 0; j <= i; j++) sum += lower[i * p + j] * z[row + j]
          theta[row + i] = sum
        }
      return theta
    },
    toNormal,
    logProb: theta => sumRows(toNormal(theta).map(logStandardNormal), p).map(sum => sum - logDet),
    pullBack: (_, gradient) => {
      const out = new Float64Array(gradient.length)
      for (let row = 0; row < out.length; row += p)
        for (let i = 0; i < p; i++) for (let j = 0; j <= i; j++) out[row + j] += lower[i * p + j] * gradient[row + i]
      return out
    },
  }
}

/**
 * `n` draws of the prior, `[n, p]`.
 *
 *     const theta = drawPrior(productPrior({ mass: { uniform: [0, 2] } }), 1000, makeKey(0))
 */
export function drawPrior(prior: ParameterPrior, n: number, key: Key): Float64Array {
  return prior.toTheta(Float64Array.from(normal(key, n * prior.names.length)))
}

function sumRows(values: Float64Array, width: number): Float64Array {
  const out = new Float64Array(values.length / width)
  for (let at = 0; at < values.length; at++) out[Math.floor(at / width)] += values[at]
  return out
}

function expectWhole(rows: Float64Array, width: number): void {
  if (rows.length % width !== 0)
    throw new UsageError(`expected rows of ${width} parameters`, `got ${rows.length} numbers`, 'pass [n, p] flat')
}

/** @throws UsageError for a matrix that is no covariance */
function factorOf(covariance: Float64Array, p: number): Float64Array {
  const wrong = (what: string) =>
    new UsageError(
      `expected a symmetric, positive definite covariance [${p}, ${p}]`,
      `got ${what}`,
      'correct the covariance of the prior',
    )
  for (let i = 0; i < p; i++)
    for (let j = 0; j < i; j++) {
      const [below, above] = [covariance[i * p + j], covariance[j * p + i]]
      if (!(Math.abs(below - above) <= 1e-9 * Math.abs(below)))
        throw wrong(`${below} at [${i}, ${j}] and ${above} at [${j}, ${i}]`)
    }
  const lower = cholesky(covariance, p)
  if (!lower) throw wrong('one that is not positive definite')
  return lower
}
