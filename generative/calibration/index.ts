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
