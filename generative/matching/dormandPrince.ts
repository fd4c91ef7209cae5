import { WorkError } from '../../core/index.js'
import { advanced, solvers } from './solvers.js'

/** dy/ds at s; must not keep or change `y`. */
export type Slope = (y: Float64Array, s: number) => Promise<Float64Array>

export interface AdaptiveOptions {
  /** The error of a step over what is allowed; a step with at most 1 is accepted. */
  errorOf(error: Float64Array, s: number): number
  /** Called after each accepted step. */
  onStep?(s: number, y: Float64Array): void
  /** accepted and rejected ones; default 10,000 */
  readonly mostSteps?: number
}

export interface AdaptiveResult {
  readonly y: Float64Array
  /** calls of the slope */
  readonly evaluations: number
  readonly accepted: number
  readonly rejected: number
}

/**
 * An ODE to a tolerance, by the pair of Dormand and Prince (`solvers.ts`), with step-size control by the error of the
 * fourth-order solution (Hairer, Norsett and Wanner, Solving ODEs I, section II.4). The last slope of an accepted step
 * is the first one of the next: six evaluations a step, one more at the start.
 */
export async function dormandPrince(
  slope: Slope,
  start: Float64Array,
  [from, to]: readonly [number, number],
  { errorOf, onStep, mostSteps = 10_000 }: AdaptiveOptions,
): Promise<AdaptiveResult> {
  const { nodes, rows, errorWeights } = solvers.dormandPrince
  let y: Float64Array = Float64Array.from(start)
  let s = from
  let h = (to - from) / 20
  let first = await slope(y, s)
  let [evaluations, accepted, rejected] = [1, 0, 0]
  while (s !== to) {
    if (accepted + rejected >= mostSteps) throw new TooManySteps(mostSteps, s, [from, to])
    const last = Math.abs(to - s) <= Math.abs(h) * (1 + 1e-9)
    if (last) h = to - s
    const slopes = [first]
    let there = y
    for (let stage = 1; stage < nodes.length; stage++) {
      there = advanced(y, h, rows[stage], slopes)
      slopes.push(await slope(there, s + h * nodes[stage]))
      evaluations++
    }
    const next = last ? to : s + h
    const error = errorOf(advanced(undefined, h, errorWeights, slopes), next)
    if (error <= 1) {
      y = there
      s = next
      first = slopes[nodes.length - 1]
      accepted++
      onStep?.(s, y)
    } else {
      rejected++
    }
    const change = Number.isFinite(error) ? 0.9 * Math.max(error, 1e-10) ** -0.2 : 0.2
    h *= Math.min(5, Math.max(0.2, change))
  }
  return { y, evaluations, accepted, rejected }
}

/**
 * The adaptive solver did not come to its end: the slope is rough or not finite, or the tolerance below what it can
 * resolve.
 */
export class TooManySteps extends WorkError {
  constructor(
    readonly steps: number,
    readonly reached: number,
    readonly span: readonly [number, number],
  ) {
    super(
      `expected the adaptive solver to cross [${span[0]}, ${span[1]}] in ${steps} steps`,
      `got as far as ${reached}`,
      'loosen the tolerance (float32 networks resolve about 1e-5), or take fixed steps with heun',
    )
  }
}
