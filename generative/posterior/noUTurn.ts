import { copy } from './trajectory.js'

/**
 * A stretch of a trajectory: the momenta of its ends and their sum over all its points, in units where the mass is 1.
 */
export interface Span {
  readonly first: Float64Array
  readonly last: Float64Array
  readonly sum: Float64Array
}

export function spanOf(dim: number): Span {
  return { first: new Float64Array(dim), last: new Float64Array(dim), sum: new Float64Array(dim) }
}

/**
 * Whether two neighbouring stretches together turn back: the generalised criterion of Betancourt 2017 (arXiv
 * 1701.02434, appendix A.4.2), of the whole, and of either half with the nearest point of the other, which Stan adds
 * against trajectories that return in step with the doubling.
 *
 * @param late begins where `early` ends
 */
export function turnsWithin(early: Span, late: Span): boolean {
  let [wholeFirst, wholeLast, earlyFirst, earlyNext, lateNext, lateLast] = [0, 0, 0, 0, 0, 0]
  for (let i = 0; i < early.sum.length; i++) {
    const whole = early.sum[i] + late.sum[i]
    wholeFirst += whole * early.first[i]
    wholeLast += whole * late.last[i]
    const beyond = early.sum[i] + late.first[i]
    earlyFirst += beyond * early.first[i]
    earlyNext += beyond * late.first[i]
    const before = late.sum[i] + early.last[i]
    lateNext += before * early.last[i]
    lateLast += before * late.last[i]
  }
  return !(wholeFirst > 0 && wholeLast > 0 && earlyFirst > 0 && earlyNext > 0 && lateNext > 0 && lateLast > 0)
}

/** `into` becomes both, `added` being at its last end or at its first, and then seen from there outwards. */
export function joined(into: Span, added: Span, atLast: boolean): void {
  for (let i = 0; i < into.sum.length; i++) into.sum[i] += added.sum[i]
  copy(added.last, atLast ? into.last : into.first)
}
