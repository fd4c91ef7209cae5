import { contract } from '../pairs/ridge.js'
import { type ThetaTerms, termValues } from '../pairs/thetaTerms.js'
import type { Rung } from './rungs.js'

/**
 * A sampler whose every rung has a linear drift of its own, fitted on what the rungs before it draw. It does not depend
 * on what the features are.
 */
export interface Ladder {
  readonly rungs: readonly Rung[]
  readonly theta: ThetaTerms
  readonly features: number
  /** `[rungs]` of `[terms, features]` */
  readonly coefficients: readonly Float64Array[]
}

/** Coefficients `[features]` of every rung at one theta. */
export function coefficientsOfRungs(ladder: Ladder, theta: Readonly<Record<string, number>>): Float64Array[] {
  const terms = termValues(
    ladder.theta,
    ladder.theta.names.map(name => theta[name]),
  )
  return ladder.coefficients.map(ofRung => contract(ofRung, terms))
}
