/**
 * An explicit Runge-Kutta method as its table. With the slopes k_j = v(x + h sum_m rows[j][m] k_m, t + nodes[j] h), a
 * step of length h takes x to x + h sum_j weights[j] k_j (Hairer, Norsett and Wanner, Solving ODEs I, section II.1).
 */
export interface Solver {
  /** where in the step each slope is asked for, as a share of it */
  readonly nodes: readonly number[]
  /** what of the slopes before it each slope is asked at */
  readonly rows: readonly (readonly number[])[]
  readonly weights: readonly number[]
  /** power of the step length with which the error of the end falls */
  readonly order: number
  /** of the slope, a step */
  readonly evaluations: number
  /** whether a step draws fresh noise: an ODE's never does */
  readonly draws: boolean
}

/** A solver with a second one of lower order inside, whose distance says how long the next step may be. */
export interface EmbeddedSolver extends Solver {
  /** its weights less those of the lower order */
  readonly errorWeights: readonly number[]
}

/** Euler 1768. */
const euler: Solver = { nodes: [0], rows: [[]], weights: [1], order: 1, evaluations: 1, draws: false }

/** Heun 1900: the trapezium, its far end reached by Euler's step. */
const heun: Solver = { nodes: [0, 1], rows: [[], [1]], weights: [1 / 2, 1 / 2], order: 2, evaluations: 2, draws: false }

/**
 * Dormand and Prince 1980, doi:10.1016/0771-050X(80)90013-3, the pair 5(4). The last slope of a step is the first one
 * of the next, so that a step costs six evaluations.
 */
const dormandPrince: EmbeddedSolver = {
  nodes: [0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1, 1],
  rows: [
    [],
    [1 / 5],
    [3 / 40, 9 / 40],
    [44 / 45, -56 / 15, 32 / 9],
    [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
    [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
    [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
  ],
  weights: [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84, 0],
  errorWeights: [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40],
  order: 5,
  evaluations: 6,
  draws: false,
}

/** All solvers. A new one is an entry here, and the law tests run over the entries. */
export const solvers = { euler, heun, dormandPrince } as const

/** y + h sum of weights times slopes, in double precision; `y` is 0 where it is not given. */
export function advanced(
  y: ArrayLike<number> | undefined,
  h: number,
  weights: readonly number[],
  slopes: readonly ArrayLike<number>[],
): Float64Array {
  const out = y === undefined ? new Float64Array(slopes[0].length) : Float64Array.from(y)
  weights.forEach((weight, stage) => {
    if (weight === 0) return
    const slope = slopes[stage]
    for (let i = 0; i < out.length; i++) out[i] += h * weight * slope[i]
  })
  return out
}
