import { type State, UsageError } from '../../core/index.js'
import { advanced, type Solver, solvers } from './solvers.js'

/**
 * Velocity of a cloud at time t: `[batch, points, channels]`, in units of the positions. Positions may lie outside the
 * box.
 */
export type Velocity = (x: State, t: number) => Promise<State>

/**
 * Follows a velocity along t from 0 to 1 in equal steps. The velocity is not asked for at t = 1, where that of a path
 * to a point has no limit: a solver with a slope there takes Euler's step for its last one.
 */
export async function followVelocity(solver: Solver, velocity: Velocity, start: State, steps: number): Promise<State> {
  if (!(Number.isInteger(steps) && steps >= 1)) {
    throw new UsageError(
      'expected a whole number of steps, at least 1',
      `got ${steps}`,
      'choose another number of steps',
    )
  }
  const { shape } = start
  const moved = (x: State, weights: readonly number[], slopes: readonly State[]): State => ({
    shape,
    values: Float32Array.from(
      advanced(
        x.values,
        1 / steps,
        weights,
        slopes.map(({ values }) => values),
      ),
    ),
  })
  let x = start
  for (let step = 0; step < steps; step++) {
    const { nodes, rows, weights } = step === steps - 1 && solver.nodes.includes(1) ? solvers.euler : solver
    const slopes: State[] = []
    for (const [stage, node] of nodes.entries()) {
      const there = stage === 0 ? x : moved(x, rows[stage], slopes)
      slopes.push(await velocity(there, (step + node) / steps))
    }
    x = moved(x, weights, slopes)
  }
  return x
}

/** Euler's method along t from 0 to 1: one evaluation a step. */
export function flowEuler(velocity: Velocity, start: State, steps: number): Promise<State> {
  return followVelocity(solvers.euler, velocity, start, steps)
}

/** Heun's method along t from 0 to 1: two evaluations a step, one in the last, which is Euler's. */
export function flowHeun(velocity: Velocity, start: State, steps: number): Promise<State> {
  return followVelocity(solvers.heun, velocity, start, steps)
}
