import type { RandomStream } from '../randomStream.js'
import type { CubeLikelihood, NestedPoint } from './nestedPoint.js'

/** The constraint that new points are drawn under. */
export interface Constraint {
  /** the new points' log-likelihood lies above this */
  readonly above: number
  /** points that are uniform in the prior above the constraint, one at least */
  readonly known: readonly NestedPoint[]
  /** ln of the share of the prior above the constraint, as expected */
  readonly logVolume: number
}

/** Draws points from the prior under a constraint. It may learn from call to call. */
export interface ConstrainedProposal {
  /** `count` points */
  draw(constraint: Constraint, count: number): Promise<NestedPoint[]>
}

export type MakeProposal = (likelihood: CubeLikelihood, random: RandomStream) => ConstrainedProposal

/** A uniform point in the unit cube. */
export function uniformPoint(dim: number, random: RandomStream): Float64Array {
  return new Float64Array(dim).map(() => random.uniform())
}
