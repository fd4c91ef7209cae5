export * from './bins.js'
export * from './correlationFunction.js'
export * from './pairCounts.js'
export * from './pairs.js'
