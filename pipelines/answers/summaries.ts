import type { RunContext } from '../run/context.js'
import { quantiles } from './quantiles.js'

/** What the draws of one parameter come to, in its own unit. */
export interface ParameterSummary {
  readonly mean: number
  readonly sd: number
  readonly q05: number
  readonly q16: number
  readonly q50: number
  readonly q84: number
  readonly q95: number
}

/** @param theta `[n, p]` */
export function parameterSummaries(names: readonly string[], theta: Float64Array): Record<string, ParameterSummary> {
  const width = names.length
  const n = theta.length / width
  return Object.fromEntries(
    names.map((name, p) => {
      const values = Float64Array.from({ length: n }, (_, i) => theta[i * width + p])
      const mean = values.reduce((a, b) => a + b, 0) / n
      const sd = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n)
      const [q05, q16, q50, q84, q95] = quantiles(values, [0.05, 0.16, 0.5, 0.84, 0.95])
      return [name, { mean, sd, q05, q16, q50, q84, q95 }]
    }),
  )
}

/** A line a parameter: median, 68% and 90% intervals, unit. */
export function printSummaries(
  parameters: Readonly<Record<string, ParameterSummary>>,
  units: readonly string[],
  { print }: Pick<RunContext, 'print'>,
): void {
  Object.entries(parameters).forEach(([name, summary], i) => {
    print(printedInterval(name, summary, units[i] ?? ''))
  })
}

/** One such line. */
export function printedInterval(
  label: string,
  { q05, q16, q50, q84, q95 }: Pick<ParameterSummary, 'q05' | 'q16' | 'q50' | 'q84' | 'q95'>,
  unit: string,
): string {
  const [low, mid, high, least, most] = [q16, q50, q84, q05, q95].map(x => x.toPrecision(4))
  return `${label.padEnd(18)} ${mid.padStart(10)}  68% ${low} to ${high}  90% ${least} to ${most}  ${unit}`.trimEnd()
}
