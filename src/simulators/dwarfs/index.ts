export * from './prior.js'
