import type { State } from '../../core/index.js'
import { UsageError } from '../../core/index.js'

/**
 * Velocity of a cloud at time t: `[batch, points, channels]`, in units of the positions. Positions may lie outside the
 * box.
 */
export type Velocity = (x: State, t: number) => Promise<State>

/** Euler's method along t from 0 to 1: one evaluation a step. */
export async function flowEuler(velocity: Velocity, start: State, steps: number): Promise<State> {
  checkSteps(steps)
  let x = start
  for (let step = 0; step < steps; step++) x = moved(x, [[1 / steps, await velocity(x, step / steps)]])
  return x
}

/**
 * Heun's method along t from 0 to 1: two evaluations a step. The velocity may not be asked for at t = 1: the last step
 * is Euler's.
 */
export async function flowHeun(velocity: Velocity, start: State, steps: number): Promise<State> {
  checkSteps(steps)
  let x = start
  for (let step = 0; step < steps; step++) {
    const slope = await velocity(x, step / steps)
    const ahead = moved(x, [[1 / steps, slope]])
    if (step === steps - 1) return ahead
    const slopeThere = await velocity(ahead, (step + 1) / steps)
    x = moved(x, [
      [0.5 / steps, slope],
      [0.5 / steps, slopeThere],
    ])
  }
  return x
}

function moved(x: State, slopes: readonly (readonly [number, State])[]): State {
  const values = x.values.map((value, i) =>
    slopes.reduce((sum, [weight, { values }]) => sum + weight * values[i], value),
  )
  return { shape: x.shape, values }
}

function checkSteps(steps: number): void {
  if (Number.isInteger(steps) && steps >= 1) return
  throw new UsageError('expected a whole number of steps, at least 1', `got ${steps}`, 'choose another number of steps')
}
