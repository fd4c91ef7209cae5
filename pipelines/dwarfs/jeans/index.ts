export * from './openJeans.js'
export * from './jeansPosterior.js'
export * from './likelihood.js'
