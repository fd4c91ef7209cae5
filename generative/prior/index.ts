/**
 * Priors as images of N(0, I), so that every method works where the prior is a standard normal: independent parameters,
 * jointly normal ones, and those that a user writes in a file.
 *
 *     import { makeKey } from 'stippling/core'
 *     import { drawPrior, productPrior } from 'stippling/prior'
 *
 *     const prior = productPrior({ mass: { uniform: [0, 2] }, slope: { normal: [1, 0.5] } })
 *     console.log(prior.toTheta(Float64Array.of(0, 2)).join())      // 1,2
 *     console.log(prior.logProb(Float64Array.of(3, 1))[0])          // -Infinity
 *     console.log(drawPrior(prior, 1000, makeKey(0)).length)        // 2000
 *
 * @module
 */

export { logNormalRow, logNormalRows, logStandardNormal } from '../posterior/standardNormal.js'
export { BadMarginal, type Marginal, type MarginalSpec, marginalOf } from './marginal.js'
export {
  type DifferentiablePrior,
  drawPrior,
  gaussianPrior,
  isProduct,
  type ProductPrior,
  productPrior,
} from './prior.js'
export { readPrior } from './readPrior.js'
