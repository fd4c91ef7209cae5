import { inverse, Matrix } from 'ml-matrix'
import { type Key, normal } from '../../../core/index.js'
import { drawPrior, productPrior } from '../../../generative/prior/index.js'
import type { SimulationTable } from '../../../generative/sbi/index.js'

/** x = A theta + b + e with a normal prior of theta: the posterior is Gaussian and known. */
export const linearPrior = productPrior({
  mass: { normal: [1, 2] },
  slope: { normal: [-1, 0.5] },
})
const design = new Matrix([
  [0.6, 1.5],
  [-0.5, 1],
  [0.3, 0],
])
const shift = [10, 0, -3]
const noise = 0.7
export const [parameters, observations] = [2, 3]

export function simulateLinear(theta: Float64Array, key: Key): Float32Array {
  const rows = theta.length / parameters
  const e = normal(key, rows * observations)
  return Float32Array.from({ length: rows * observations }, (_, i) => {
    const [row, column] = [Math.floor(i / observations), i % observations]
    const at = design.get(column, 0) * theta[2 * row] + design.get(column, 1) * theta[2 * row + 1]
    return at + shift[column] + noise * e[i]
  })
}

export function linearTable(rows: number, key: Key): SimulationTable {
  const theta = drawPrior(linearPrior, rows, key.split('theta'))
  return { rows, z: Float32Array.from(linearPrior.toNormal(theta)), x: simulateLinear(theta, key.split('x')) }
}

/** Mean `[p]` and covariance `[p, p]` of theta given x: Bayes' rule for Gaussians. */
export function exactPosterior(x: Float64Array): { mean: number[]; covariance: number[][] } {
  const precision = design
    .transpose()
    .mmul(design)
    .div(noise ** 2)
    .add(Matrix.diag([1 / 4, 4]))
  const covariance = inverse(precision)
  const pull = design
    .transpose()
    .mmul(Matrix.columnVector(Array.from(x, (value, i) => (value - shift[i]) / noise ** 2)))
  const mean = covariance.mmul(pull.add(Matrix.columnVector([1 / 4, -4])))
  return { mean: mean.to1DArray(), covariance: covariance.to2DArray() }
}
