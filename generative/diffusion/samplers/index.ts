export { ancestral } from './ancestral.js'
export { ddim } from './ddim.js'
export { dpmpp2m } from './dpmpp2m.js'
export { dpmpp2mSde } from './dpmpp2mSde.js'
export { heun } from './heun.js'
export { heunSde } from './heunSde.js'
export { type FlowResult, type ProbabilityFlowOptions, probabilityFlow, toleranceFor } from './probabilityFlow.js'
export {
  type Sampler,
  type SamplerName,
  type SamplerRun,
  sampleBy,
  samplerNames,
  samplers,
  stepsWithin,
} from './samplers.js'
