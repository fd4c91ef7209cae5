export * from './clusterField.js'
export * from './gaussianRandomField.js'
export * from './knownField.js'
