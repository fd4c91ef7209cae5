export * from './flowSamplers.js'
export * from './periodicMatching.js'
export * from './torusPath.js'
