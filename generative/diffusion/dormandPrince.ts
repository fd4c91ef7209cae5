import { WorkError } from '../../core/index.js'

/** dy/ds at s; must not keep or change `y`. */
export type Slope = (y: Float64Array, s: number) => Promise<Float64Array>

export interface AdaptiveOptions {
  /** How large an error of a step is against what is allowed; at most 1 is accepted. */
  errorOf(error: Float64Array, s: number): number
  /** Told after each accepted step. */
  onStep?(s: number, y: Float64Array): void
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
 * Dormand and Prince's embedded Runge-Kutta pair 5(4), doi:10.1016/0771-050X(80)90013-3, with step-size control by the
 * error of the fourth-order solution (Hairer, Norsett and Wanner, Solving ODEs I, section II.4). The last slope of an
 * accepted step is the first of the next one: six evaluations a step, one more at the start.
 */
export async function dormandPrince(
  slope: Slope,
  start: Float64Array,
  [from, to]: readonly [number, number],
  { errorOf, onStep, mostSteps = 10_000 }: AdaptiveOptions,
): Promise<AdaptiveResult> {
  let y = Float64Array.from(start)
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
    for (let stage = 1; stage < 7; stage++) {
      there = moved(y, h, stages[stage], slopes)
      slopes.push(await slope(there, s + h * places[stage]))
      evaluations++
    }
    const next = last ? to : s + h
    const error = errorOf(moved(null, h, errorWeights, slopes), next)
    if (error <= 1) {
      y = there
      s = next
      first = slopes[6]
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

/** y + h * sum of weights times slopes. */
function moved(
  y: Float64Array | null,
  h: number,
  weights: readonly number[],
  slopes: readonly Float64Array[],
): Float64Array<ArrayBuffer> {
  const out = y === null ? new Float64Array(slopes[0].length) : Float64Array.from(y)
  weights.forEach((weight, stage) => {
    if (weight === 0) return
    const slope = slopes[stage]
    for (let i = 0; i < out.length; i++) out[i] += h * weight * slope[i]
  })
  return out
}

const places = [0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1, 1]
const stages: readonly (readonly number[])[] = [
  [],
  [1 / 5],
  [3 / 40, 9 / 40],
  [44 / 45, -56 / 15, 32 / 9],
  [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
  [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
  [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
]
/** Fifth-order weights less the fourth-order ones. */
const errorWeights = [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40]

/** Where, from which and with what weights; for solvers of other calling conventions. */
export const dormandPrinceTableau = { places, stages, errorWeights } as const

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
