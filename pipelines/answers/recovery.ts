import { quantiles } from './quantiles.js'

/** Truth and estimate of one parameter, a place a simulation. */
export interface Recovery {
  readonly truth: readonly number[]
  /** posterior medians */
  readonly estimate: readonly number[]
  /** ends of the central 68% */
  readonly low: readonly number[]
  readonly high: readonly number[]
  /** whether theta lies outside the prior of the posterior */
  readonly outside: readonly boolean[]
}

/** So many are kept to look at; more would hide one another. */
const shownMost = 200

/**
 * Keeps truths and estimates of some simulations, evenly taken from those to come.
 *
 * @param parameters how many
 * @param count      simulations to come
 */
export function makeRecovery(parameters: number, count: number) {
  const step = Math.max(1, Math.ceil(count / shownMost))
  const columns = Array.from({ length: parameters }, () => ({
    truth: [] as number[],
    estimate: [] as number[],
    low: [] as number[],
    high: [] as number[],
    outside: [] as boolean[],
  }))
  let index = 0
  return {
    /**
     * @param truth `[parameters]`
     * @param draws `[n, parameters]`
     */
    add(truth: readonly number[], draws: Float64Array, outside: boolean): void {
      if (index++ % step !== 0) return
      const n = draws.length / parameters
      for (const [p, column] of columns.entries()) {
        const values = Float64Array.from({ length: n }, (_, i) => draws[i * parameters + p])
        const [low, middle, high] = quantiles(values, [0.16, 0.5, 0.84])
        column.truth.push(truth[p])
        column.estimate.push(middle)
        column.low.push(low)
        column.high.push(high)
        column.outside.push(outside)
      }
    },
    result: (): readonly Recovery[] => columns,
  }
}

/** Those inside the prior alone. */
export function recoveredInside({ truth, estimate, low, high, outside }: Recovery): Recovery {
  const some = <T>(values: readonly T[]) => values.filter((_, i) => !outside[i])
  return { truth: some(truth), estimate: some(estimate), low: some(low), high: some(high), outside: some(outside) }
}
