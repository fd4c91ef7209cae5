/**
 * Draws from densities: Monte Carlo chains, nested and tempered sampling, variational fits, and the diagnostics that
 * say whether draws can be believed. Everything takes a `Target`, which `asTarget` makes of a plain function or a tfjs
 * one.
 *
 *     import type { Tensor } from '@tensorflow/tfjs'
 *     import { makeKey } from 'stippling/core'
 *     import { sampleNuts } from 'stippling/posterior'
 *
 *     // two coordinates ~ N(1, 0.5^2)
 *     const logDensity = (points: Tensor) => points.sub(1).square().sum(1).mul(-2)
 *     const { draws, diagnosis } = await sampleNuts(logDensity, { dim: 2, key: makeKey(0) })
 *     console.log(diagnosis.trusted)          // true
 *     console.log((draws.reduce((sum, v) => sum + v, 0) / draws.length).toFixed(1))   // 1.0
 *
 * @module
 */

export { asTarget, type Density, type OpenTarget, type PointDensity, type TensorDensity } from './asTarget.js'
export { autocorrelation } from './autocorrelation.js'
export type { ChainRequest, ChainSampler, DiagnosedChains } from './chainSampler.js'
export { type Chains, type LogDensity, seriesOf, seriesOfFunction, type Trajectories } from './chains.js'
export { cholesky, momentsOf, solveLower, timesLower } from './cholesky.js'
export { type CompiledTarget, type CompiledTargetOptions, compiledTarget } from './compiledTarget.js'
export { type DiagnoseOptions, type Diagnosis, diagnose, energyFractions, type ParameterDiagnosis } from './diagnose.js'
export type { Draws } from './draws.js'
export { effectiveSampleSize, meanSampleSize, quantileSampleSize, tailSampleSize } from './effectiveSampleSize.js'
export { defaultMoves, type EnsembleOptions, sampleEnsemble } from './ensemble.js'
export { type HmcOptions, sampleHmc } from './hmc.js'
export {
  fitPareto,
  type ImportanceRun,
  type Pareto,
  paretoQuantile,
  paretoSmooth,
  paretoThreshold,
  reweigh,
  type SmoothedWeights,
} from './importance/index.js'
export { independentDiagnostics } from './independentDiagnostics.js'
export { integratedTime } from './integratedTime.js'
export type { LikelihoodSetting } from './likelihoodRequest.js'
export { drawByLikelihood, type LikelihoodRequest } from './likelihoodSampling.js'
export { lockstep, type Walk, type Wanted } from './lockstep.js'
export { logAddExp, logMeanExp, logSumExp } from './logSumExp.js'
export { type MetropolisOptions, sampleAdaptiveMetropolis, sampleMetropolis } from './metropolis.js'
export { errorOfMean, errorOfQuantile } from './monteCarloError.js'
export { differentialEvolution, type Move, type Others, snooker, stretch } from './moves.js'
export {
  around,
  boundingEllipsoids,
  type ConstrainedProposal,
  type Constraint,
  type CubeLikelihood,
  cubeOf,
  type DynamicOptions,
  defaultProposal,
  drawInside,
  drawInUnion,
  drawnLogVolumes,
  type Ellipsoid,
  type Evidence,
  evidenceOf,
  expectedLogVolumes,
  type FromCube,
  farthest,
  type Insertion,
  type InsertionTest,
  importance,
  type JudgedNestedRun,
  logBallVolume,
  logParts,
  type MakeProposal,
  type NestedOptions,
  type NestedPoint,
  type NestedRequest,
  type NestedRun,
  nestedExpectation,
  nestedRun,
  normalPrior,
  overCube,
  type Progress,
  radiusIn,
  randomWalks,
  type Shells,
  type SliceOptions,
  sampleNested,
  sampleNestedDynamically,
  scaled,
  shellsOf,
  slices,
  standardNormalPrior,
  testInsertion,
  type UniformOptions,
  uniformInEllipsoids,
  uniformPoint,
  uniformPrior,
  type WalkOptions,
  worthwhile,
} from './nested/index.js'
export { inNormalCoordinates, withStandardNormalPrior } from './normalCoordinates.js'
export { type NutsOptions, sampleNuts } from './nuts.js'
export { posteriorTarget } from './posteriorTarget.js'
export { type RandomStream, randomStream } from './randomStream.js'
export { multinomialResample, resampleByLogWeights, rowsAt, shuffled, systematicResample } from './resample.js'
export { rankNormalise, rhat, splitChains } from './rhat.js'
export { type LikelihoodMethod, type LikelihoodSampler, likelihoodMethods, likelihoodSamplers } from './samplerNames.js'
export type { TrajectoryOptions } from './sampleTrajectories.js'
export {
  complementaryError,
  logNormalRow,
  logNormalRows,
  logStandardNormal,
  normalCdf,
  normalInverseCdf,
} from './standardNormal.js'
export { type DensityAndGradient, type LogDensityWithGradient, pointwiseTarget, type Target } from './target.js'
export {
  differenceLeap,
  globalWalks,
  type JudgedSmcRun,
  localWalks,
  localWalksAndLeaps,
  type MakeParticleMoves,
  type MovingParticles,
  type ParticleMove,
  type Proposals,
  type SmcOptions,
  type SmcRequest,
  type SmcRun,
  type TemperedDraws,
  type TemperedOptions,
  type TemperedRequest,
  temperedDraws,
  temperedSmc,
} from './tempered/index.js'
export {
  type Approximation,
  defensive,
  type FlowFit,
  type FlowFitOptions,
  type ForwardOptions,
  fitFlowToTarget,
  fitForward,
  fitGaussian,
  type Gaussian,
  type GaussianFit,
  type GaussianFitOptions,
  type GaussianKind,
  type GaussianRequest,
  gaussian,
  gaussianOfDraws,
  type JudgedGaussianFit,
  type Judgement,
  judge,
  scaledIdentity,
} from './variational/index.js'
export type { Verdict } from './verdict.js'
export { equallyWeighted, type WeightedDraws, weightedMean } from './weightedDraws.js'
export { normalisedWeights, relativeWeights, weightedSampleSize } from './weights.js'
