export * from './estimator.js'
export * from './method.js'
export * from './npe.js'
