export * from './samplers/index.js'
export * from './sigmas.js'
export * from './state.js'
