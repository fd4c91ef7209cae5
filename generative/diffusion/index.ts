/**
 * Draws data by undoing noise, and computes how probable it is. A denoiser D(x; sigma) is the clean data expected
 * behind x = clean + sigma noise; where it comes from does not matter.
 *
 *     import type { Tensor } from '@tensorflow/tfjs'
 *     import { makeKey } from 'stippling/core'
 *     import { sample } from 'stippling/diffusion'
 *
 *     // The best denoiser of data ~ N(3, 0.5^2) weighs x and the mean by their variances.
 *     const weighed = (x: Tensor, noise: Tensor) => x.mul(0.25).add(noise.mul(3)).div(noise.add(0.25))
 *     const denoise = (x: Tensor, sigma: Tensor) => weighed(x, sigma.square())
 *     const { values } = await sample(denoise, { shape: [4000, 1], sampler: 'heun', steps: 32, key: makeKey(0) })
 *     console.log((values.reduce((sum, v) => sum + v, 0) / 4000).toFixed(1))   // 3.0
 *
 * @module
 */

// Draws

export { type DenoiserProgram, type Sampled, type SampleOptions, sample } from './sample.js'
export { ancestral } from './samplers/ancestral.js'
export { ddim } from './samplers/ddim.js'
export { dpmpp2m } from './samplers/dpmpp2m.js'
export { dpmpp2mSde } from './samplers/dpmpp2mSde.js'
export { heun } from './samplers/heun.js'
export { heunSde } from './samplers/heunSde.js'
export {
  type FlowResult,
  type ProbabilityFlowOptions,
  probabilityFlow,
  toleranceFor,
} from './samplers/probabilityFlow.js'
export {
  type Sampler,
  type SamplerName,
  type SamplerRun,
  sampleBy,
  samplerNames,
  samplers,
  stepsWithin,
} from './samplers/samplers.js'
export {
  checkSigmas,
  karrasSigmas,
  logSnrOfSigma,
  logSnrUniformSigmas,
  logUniformSigmas,
  type SigmaRange,
  scheduleSigmas,
  sigmaOfLogSnr,
} from './sigmas.js'
export { DenoiserDiverged, evaluate, stateOf, weightedSum } from './state.js'

// Noise levels, and what is learned at them

export { type ExplainedShare, explainedByLevel } from './explained.js'
export {
  alphaSigma,
  diffuse,
  type NoiseLevel,
  perCloud,
  posterior,
  transition,
  varianceExploding,
  variancePreserving,
} from './kernel.js'
export {
  type EndTensors,
  endsOf,
  initLinear,
  initMonotone,
  type LevelTensors,
  type LinearParams,
  learnedSchedule,
  linearLevel,
  type MonotoneParams,
  monotoneLevel,
} from './learnedSchedule.js'
export {
  denoisingLoss,
  type LossInput,
  type LossParts,
  meanOverPoints,
  noiseError,
  type Predict,
  pointsOf,
} from './loss.js'
export { type Objective, type ObjectiveName, objectiveNames, objectives, type Weighting } from './objectives.js'
export {
  type Conversion,
  cleanOf,
  conversion,
  denoiserFrom,
  edmPreconditioning,
  noiseOf,
  type Prediction,
  preconditioned,
  scoreOf,
  targetOf,
} from './parametrisation.js'
export {
  antitheticTimes,
  cosineLogSnr,
  discreteSlope,
  edmTraining,
  independentTimes,
  karrasSchedule,
  type LogSnrEnds,
  linearLogSnr,
  type Schedule,
} from './schedules.js'
export { type VdmInput, type VdmLoss, vdmLoss } from './vdm.js'

// How probable a cloud is

export { boundTarget, type KnownTerm } from './bound/boundTarget.js'
export { type Bound, boundDifference, boundOf, elbo, sumOfStrata } from './bound/elbo.js'
export { importanceSchedule, sharesOfDifferences, spreadOfParts } from './bound/importanceSchedule.js'
export { type BoundPlan, endSigmas, type NoisedDraw, noisedDraw, sizesOf } from './bound/noisedDraws.js'
export { type BoundSpace, type DataMoments, meanSquareTarget, openSpace, torusSpace } from './bound/space.js'
export { compileThetaBound, type ThetaBound, type ThetaBoundOptions, type ThetaDenoiser } from './bound/thetaBound.js'
export type { Cotangents, DenoiserPullback, PulledBack } from './denoiserPullback.js'
export type { RowsOptions } from './denoiserRows.js'
export {
  type FlowBase,
  type FlowGradient,
  type FlowGradientOptions,
  flowGradient,
  gaussianBase,
  uniformBase,
} from './flowGradient.js'
export {
  alongFlow,
  type Companion,
  type FlowEnd,
  type FlowOde,
  type FlowSlopes,
  type SigmaEnds,
  type Tolerance,
} from './flowOde.js'
export { type FlowTargetOptions, flowTarget } from './flowTarget.js'
export {
  type HutchinsonLikelihood,
  type HutchinsonOptions,
  hutchinsonLogProb,
  hutchinsonProbes,
  type ProbeOptions,
} from './hutchinson.js'
export {
  type CloudLogProb,
  type DenoiserTrace,
  type FlowLikelihood,
  flowLogProb,
  flowTolerance,
  flowVolumes,
  gaussianLogProb,
  type TracedDenoiser,
  type TracedOptions,
  tracedByDifferences,
  tracedLogProb,
  type VolumeOptions,
} from './likelihood.js'
export {
  axesOf,
  type CompiledProbes,
  compileProbes,
  exactlyTraced,
  exactTrace,
  type ProbedDenoiser,
  type ProbeSizes,
  probedByDifferences,
} from './probedDenoiser.js'

// The periodic box

export {
  boxStart,
  gaussianStart,
  liftState,
  residualAmplitude,
  separations,
  sigmaOfResidual,
  type TorusNoise,
  torusNoise,
  torusPriorKl,
  uniformLogProb,
  uniformStart,
  wrappedNormal,
  wrapState,
} from './torus.js'
export { type TorusInput, torusConstants, torusLoss } from './torusLoss.js'
