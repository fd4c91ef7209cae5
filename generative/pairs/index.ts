export { type BetweenLevels, betweenLevels } from './betweenLevels.js'
export { type Force, linearDenoiser } from './denoiser.js'
export { type CoefficientsAt, coefficientsFor, type LevelDiagnostics, type LinearScore } from './linearScore.js'
export { type CloudMoments, contract, explainedShare, fitRidge, type RidgeFit, type RidgeRow } from './ridge.js'
export { makeRidgePool, type RidgePool } from './ridgePool.js'
export {
  differenceError,
  formAt,
  meanForm,
  type QuadraticForm,
  quadraticForm,
  type ScoreLikelihood,
} from './scoreLikelihood.js'
export { type ThetaTerms, termPenalties, termValues, thetaTerms } from './thetaTerms.js'
