export { BadMarginal, logStandardNormal, type Marginal, type MarginalSpec, marginalOf } from './marginal.js'
export * from './prior.js'
export * from './readPrior.js'
