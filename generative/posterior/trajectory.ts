import type { RandomStream } from './randomStream.js'
import type { Scales } from './scales.js'

/** A place and a momentum on a trajectory; it is what lockstep asks for. */
export interface Phase {
  readonly x: Float64Array
  /** of the log-density at `x` */
  readonly gradient: Float64Array
  /** the gradient in the units of `Scales` */
  readonly pull: Float64Array
  /** in the units of `Scales`: the kinetic energy is half its square */
  readonly momentum: Float64Array
  log: number
}

export function phaseAt(start: Float64Array): Phase {
  const empty = () => new Float64Array(start.length)
  return { x: Float64Array.from(start), gradient: empty(), pull: empty(), momentum: empty(), log: Number.NaN }
}

/** All of it, the momentum too. */
export function copyPhase(from: Phase, to: Phase): void {
  copy(from.x, to.x)
  copy(from.gradient, to.gradient)
  copy(from.pull, to.pull)
  copy(from.momentum, to.momentum)
  to.log = from.log
}

/** For a few numbers quicker than `set`. */
export function copy(from: Float64Array, to: Float64Array): void {
  for (let i = 0; i < from.length; i++) to[i] = from[i]
}

export function drawMomentum(at: Phase, random: RandomStream): void {
  for (let i = 0; i < at.momentum.length; i++) at.momentum[i] = random.normal()
}

/** Minus log-density plus kinetic energy; Infinity where there is no density. */
export function energyOf({ log, momentum }: Phase): number {
  let square = 0
  for (let i = 0; i < momentum.length; i++) square += momentum[i] * momentum[i]
  const energy = square / 2 - log
  return Number.isNaN(energy) ? Infinity : energy
}

/**
 * The first half of a leapfrog step: half a kick and the drift. The density and its gradient are wanted next. `moved`
 * is scratch.
 */
export function beginLeapfrog(at: Phase, scales: Scales, size: number, moved: Float64Array): void {
  const { x, momentum, pull } = at
  for (let i = 0; i < x.length; i++) momentum[i] += (size / 2) * pull[i]
  scales.toPosition(momentum, moved)
  for (let i = 0; i < x.length; i++) x[i] += size * moved[i]
}

/** The second half, with the gradient at the new place. */
export function endLeapfrog(at: Phase, scales: Scales, size: number): void {
  const { momentum, pull } = at
  scales.toPull(at.gradient, pull)
  for (let i = 0; i < pull.length; i++) momentum[i] += (size / 2) * pull[i]
}
