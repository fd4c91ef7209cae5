import type { WeightedDraws } from '../weightedDraws.js'
import { normalisedWeights, weightedSampleSize } from '../weights.js'
import { byLikelihood } from './evolve.js'
import { type Insertion, type InsertionTest, testInsertion } from './insertionRanks.js'
import type { NestedPoint } from './nestedPoint.js'
import { type Evidence, evidenceOf, expectedLogVolumes, logParts, type Shells } from './volumes.js'

/** What nested sampling found: the evidence, and weighted draws of the posterior, in ascending order of likelihood. */
export interface NestedRun extends Evidence, WeightedDraws, Shells {
  /** points the likelihood was asked for */
  readonly evaluations: number
  /** whether points were drawn as they should be */
  readonly insertion: InsertionTest
}

/**
 * Points of one run or of several become one: alive at a likelihood are all that were born below it and died at it or
 * above. Higson et al. 2019 (arXiv 1704.03459), section 2.2.
 */
export function nestedRun(
  points: readonly NestedPoint[],
  insertions: readonly Insertion[],
  evaluations: number,
): NestedRun {
  const { sorted, shells } = shellsOf(points)
  const dim = sorted[0].at.length
  const draws = new Float64Array(sorted.length * dim)
  for (const [i, { at }] of sorted.entries()) draws.set(at, i * dim)
  const weights = normalisedWeights(logParts(shells.logLikelihood, expectedLogVolumes(shells)))
  return {
    dim,
    ...shells,
    ...evidenceOf(shells),
    draws,
    weights,
    effectiveSampleSize: weightedSampleSize(weights),
    evaluations,
    insertion: testInsertion(insertions),
  }
}

/** Points in order of likelihood, and how many were alive at each. */
export function shellsOf(points: readonly NestedPoint[]): {
  readonly sorted: readonly NestedPoint[]
  readonly shells: Shells
} {
  const sorted = [...points].sort(byLikelihood)
  const births = Float64Array.from(points, point => point.birth).sort()
  let born = 0
  const live = Int32Array.from(sorted, ({ log }, died) => {
    // the first of the prior are born at -Infinity, also those that die there
    while (born < births.length && (births[born] < log || births[born] === -Infinity)) born++
    return born - died
  })
  return { sorted, shells: { logLikelihood: Float64Array.from(sorted, point => point.log), live } }
}
