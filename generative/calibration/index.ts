/**
 * Whether posteriors are true: ranks, coverage, TARP and log-scores over many pairs of truth and draws, and tests of
 * one set of draws against another.
 *
 *     import { makeKey, normal } from 'stippling/core'
 *     import { makeCalibration } from 'stippling/calibration'
 *
 *     // theta ~ N(0, 1) and x ~ N(theta, 1): the posterior is N(x / 2, 1 / 2)
 *     const calibration = makeCalibration({ names: ['theta'], bounds: [[-6, 6]], key: makeKey(0), scores: false })
 *     for (let i = 0; i < 200; i++) {
 *       const [theta, e, ...z] = normal(makeKey(1).split(i), 202)
 *       calibration.add(Float64Array.of(theta), Float64Array.from(z, v => (theta + e) / 2 + v * Math.SQRT1_2))
 *     }
 *     console.log(calibration.result().ranksUniform)   // true
 *
 * @module
 */

export { type C2st, type C2stOptions, c2st } from './c2st.js'
export {
  type Calibration,
  type CalibrationOptions,
  type Calibrator,
  makeCalibration,
  type ParameterCalibration,
  type Score,
} from './calibration.js'
export { chiSquareTail } from './chiSquare.js'
export { kolmogorovBand, kolmogorovTail, kolmogorovUniform } from './kolmogorov.js'
export { type CoverageBin, type LocalCoverage, type LocalCoverageOptions, localCoverage } from './localCoverage.js'
export { jointLogDensity, marginalLogDensity, normalScores } from './logScore.js'
export { type Mmd, type MmdOptions, medianDistance, mmd } from './mmd.js'
export { type RankTest, type TestOutcome, testRanks } from './rankTests.js'
export type { SamplePair } from './samplePair.js'
export { type Tarp, tarpCurve, tarpShare } from './tarp.js'
