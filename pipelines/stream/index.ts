export * from './demand.js'
export * from './prefetchOverlap.js'
export * from './shuffle.js'
export * from './split.js'
