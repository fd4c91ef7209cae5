export { type ImportanceRun, reweigh } from './importance.js'
export { fitPareto, type Pareto, paretoQuantile } from './paretoFit.js'
export { paretoSmooth, paretoThreshold, type SmoothedWeights } from './paretoSmooth.js'
