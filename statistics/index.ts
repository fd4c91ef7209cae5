/**
 * What is measured of fields of points, as a physicist would before believing them. Separations are in Mpc/h,
 * velocities in km/s, masses in log10 Msun/h.
 *
 *     import { makeKey, periodicBox, uniform } from 'stippling/core'
 *     import { correlationFunction } from 'stippling/statistics'
 *
 *     const positions = uniform(makeKey(0), [2000, 3]).map(u => 100 * u)   // no structure
 *     const xi = correlationFunction(positions, periodicBox(100), [10, 20, 30])
 *     console.log(xi.every(value => Math.abs(value) < 0.05))   // true
 *
 * @module
 */

// A statistic beside what it should be

export { binomialInterval } from './binomial.js'
export { type Curve, curvePoints, type Metric } from './curve.js'

// Pairs, and what is summed over them

export { correlationEdges, fineCorrelationEdges, shellCentres, shellVolumes, squaredBinFinder } from './bins.js'
export { boxVolume, periodicLengths } from './boxLengths.js'
export { correlationFunction, uniformPairs } from './correlationFunction.js'
export { correlationWithError } from './correlationJackknife.js'
export {
  deleteOneError,
  type Estimate,
  type JackknifeOptions,
  regionsPerAxis,
  straddlingWeight,
  subBoxes,
  withoutRegion,
} from './jackknife.js'
export { type Multipoles, multipoles, redshiftMultipoles } from './multipoles.js'
export { pairCounts } from './pairCounts.js'
export { type PairSums, type PairSumsOptions, type PairWeight, pairSums, type Regions } from './pairSums.js'
export { forEachPair, type PairVisitor } from './pairs.js'
export { approachSpeed, pairwiseVelocity, pairwiseVelocityWithError } from './pairwiseVelocity.js'
export { type Axis, redshiftSpace } from './redshiftSpace.js'

// Higher orders, and masses

export { type ThreePoint, type TriangleShells, threePoint, triangleShells } from './bispectrum.js'
export { type DensityModes, densityModes, modesBelow } from './densityModes.js'
export { type DistributionOptions, gridQueries, knnCdf, nearestRanks, randomQueries } from './knnCdf.js'
export { cumulativeMassFunction, massFunction } from './massFunction.js'
export { nearestDistances } from './nearestDistances.js'

// Everything that is measured of a field, and fields beside others

export {
  againstScatter,
  type CurveSummary,
  type JudgedCurve,
  type ScatterSource,
  type StatisticsPair,
  summaryOf,
} from './againstScatter.js'
export { type Comparison, compareFields, compareStatistics, xiTarget } from './compareFields.js'
export { type CorrelationBin, type CorrelationTest, correlationTarget, correlationTest } from './correlationTest.js'
export {
  type FieldStatistics,
  fieldStatistics,
  type Measured,
  type StatisticsOptions,
  statisticsFor,
} from './fieldStatistics.js'
export { type CosmologyGroup, groupByCosmology } from './groupByCosmology.js'
export { type OverFields, overFields } from './overFields.js'
export { correlationResponse, type ResponseBin } from './response.js'
