export * from './jeansPosterior.js'
export * from './likelihood.js'
export * from './openJeans.js'
