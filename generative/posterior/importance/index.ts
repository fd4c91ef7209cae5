export * from './importance.js'
export * from './paretoFit.js'
export * from './paretoSmooth.js'
