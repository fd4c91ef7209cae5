import { type Chains, effectiveSampleSize, rhat } from '../../../generative/posterior/index.js'

export interface Expectation {
  readonly mean: number
  /** standard error by the effective sample size */
  readonly error: number
  rhat(): number
}

/** Expectation of f over all draws of all chains. */
export function expectation({ chains, length, dim, draws }: Chains, f: (x: Float64Array) => number): Expectation {
  const series = Array.from({ length: chains }, (_, c) =>
    Float64Array.from({ length }, (_, s) => {
      const at = (s * chains + c) * dim
      return f(draws.subarray(at, at + dim))
    }),
  )
  const all = series.flatMap(one => Array.from(one))
  const mean = all.reduce((a, b) => a + b, 0) / all.length
  const variance = all.reduce((a, b) => a + (b - mean) ** 2, 0) / all.length
  return { mean, error: Math.sqrt(variance / effectiveSampleSize(series)), rhat: () => rhat(series) }
}
