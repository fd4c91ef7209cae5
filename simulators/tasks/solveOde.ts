import { solvers } from '../../generative/matching/solvers.js'

const { rows: stages, errorWeights } = solvers.dormandPrince

export interface OdeOptions {
  readonly relative: number
  readonly absolute: number
  /** in all */
  readonly mostSteps: number
}

/**
 * y at each of `times`, `[times, dim]`, of dy/dt = f(y), by Dormand and Prince's pair 5(4) with the step chosen by its
 * error (generative/matching has the asynchronous one, for networks, and its sources). Steps end at the given times.
 *
 * @param slope writes dy/dt of `y` into `into`; autonomous
 * @param times ascending; the first is that of `start`
 * @returns undefined where it takes too many steps or y becomes infinite or NaN
 */
export function solveOde(
  slope: (y: Float64Array, into: Float64Array) => void,
  start: ArrayLike<number>,
  times: readonly number[],
  { relative, absolute, mostSteps }: OdeOptions,
): Float64Array | undefined {
  const dim = start.length
  const out = new Float64Array(times.length * dim)
  const y = Float64Array.from(start)
  const there = new Float64Array(dim)
  const slopes = Array.from({ length: 7 }, () => new Float64Array(dim))
  out.set(y)
  slope(y, slopes[0])
  let h = (times[1] - times[0]) / 20
  let steps = 0
  for (let at = 1; at < times.length; at++) {
    let rest = times[at] - times[at - 1]
    while (rest > 0) {
      if (steps++ >= mostSteps) return undefined
      const step = h < rest * (1 - 1e-9) ? h : rest
      for (let stage = 1; stage < 7; stage++) {
        const weights = stages[stage]
        for (let i = 0; i < dim; i++) {
          let sum = 0
          for (let k = 0; k < stage; k++) sum += weights[k] * slopes[k][i]
          there[i] = y[i] + step * sum
        }
        slope(there, slopes[stage])
      }
      let error = 0
      for (let i = 0; i < dim; i++) {
        let sum = 0
        for (let k = 0; k < 7; k++) sum += errorWeights[k] * slopes[k][i]
        error = Math.max(
          error,
          Math.abs(step * sum) / (absolute + relative * Math.max(Math.abs(y[i]), Math.abs(there[i]))),
        )
      }
      if (error <= 1) {
        y.set(there)
        rest = step === rest ? 0 : rest - step
        ;[slopes[0], slopes[6]] = [slopes[6], slopes[0]]
      }
      const change = Number.isFinite(error) ? Math.min(5, Math.max(0.2, 0.9 * Math.max(error, 1e-10) ** -0.2)) : 0.2
      // a step cut short by one of the times is no measure of how long the next may be
      h = step === h || change < 1 ? step * change : Math.max(h, step * change)
    }
    out.set(y, at * dim)
  }
  return out
}
