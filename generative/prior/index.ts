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
