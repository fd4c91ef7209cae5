/**
 * What is measured of fields of points, as a physicist would before believing them. Separations in Mpc/h, velocities in
 * km/s, masses in log10 Msun/h.
 *
 * @module
 */

export type { CurveSummary, JudgedCurve, ScatterSource, StatisticsPair } from './againstScatter.js'
export { againstScatter, summaryOf } from './againstScatter.js'
export { binomialInterval } from './binomial.js'

// Pairs, and what is summed over them
export { correlationEdges, fineCorrelationEdges, shellCentres, shellVolumes, squaredBinFinder } from './bins.js'
export type { ThreePoint, TriangleShells } from './bispectrum.js'
// Higher orders, and masses
export { threePoint, triangleShells } from './bispectrum.js'
export type { Comparison } from './compareFields.js'
export { compareFields, compareStatistics, xiTarget } from './compareFields.js'
export { boxVolume, correlationFunction, uniformPairs } from './correlationFunction.js'
export { correlationWithError } from './correlationJackknife.js'
export type { CorrelationBin, CorrelationTest } from './correlationTest.js'
export { correlationTarget, correlationTest } from './correlationTest.js'
export type { Curve, Metric } from './curve.js'
// What a statistic is, and what a number should be
export { curvePoints } from './curve.js'
export type { DensityModes } from './densityModes.js'
export { densityModes, modesBelow } from './densityModes.js'
export type { FieldStatistics, Measured, StatisticsOptions } from './fieldStatistics.js'
// All of a field, and fields beside others
export { fieldStatistics, statisticsFor } from './fieldStatistics.js'
export type { CosmologyGroup } from './groupByCosmology.js'
export { groupByCosmology } from './groupByCosmology.js'
export type { Estimate } from './jackknife.js'
export { deleteOneError, regionsPerAxis, straddlingWeight, subBoxes, withoutRegion } from './jackknife.js'
export { gridQueries, knnCdf, nearestRanks, periodicLengths, randomQueries } from './knnCdf.js'
export { cumulativeMassFunction, massFunction } from './massFunction.js'
export type { Multipoles } from './multipoles.js'
export { multipoles, redshiftMultipoles } from './multipoles.js'
export { nearestDistances } from './nearestDistances.js'
export type { OverFields } from './overFields.js'
export { overFields } from './overFields.js'
export { pairCounts } from './pairCounts.js'
export type { PairSums, PairWeight, Regions } from './pairSums.js'
export { pairSums } from './pairSums.js'
export type { PairVisitor } from './pairs.js'
export { forEachPair } from './pairs.js'
export { approachSpeed, pairwiseVelocity, pairwiseVelocityWithError } from './pairwiseVelocity.js'
export type { Axis } from './redshiftSpace.js'
export { redshiftSpace } from './redshiftSpace.js'
export type { ResponseBin } from './response.js'
export { correlationResponse } from './response.js'
