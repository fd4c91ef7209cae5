export { type Approximation, type Judgement, judge } from './approximation.js'
export { defensive } from './defensive.js'
export { type FlowFit, type FlowFitOptions, fitFlowToTarget } from './fitFlowToTarget.js'
export {
  fitGaussian,
  type GaussianFit,
  type GaussianFitOptions,
  type GaussianRequest,
  type JudgedGaussianFit,
} from './fitGaussian.js'
export { type ForwardOptions, fitForward } from './forwardGaussian.js'
export { type Gaussian, type GaussianKind, gaussian, gaussianOfDraws, scaledIdentity } from './gaussian.js'
