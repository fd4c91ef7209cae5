export * from './jeansOverDwarfs.js'
export * from './jeansPosterior.js'
export * from './likelihood.js'
