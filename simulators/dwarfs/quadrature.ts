/** Gauss and Legendre's rule with five points on [0, 1]; the values are closed forms in square roots of 10/7. */
const inner = Math.sqrt(5 - 2 * Math.sqrt(10 / 7)) / 3
const outer = Math.sqrt(5 + 2 * Math.sqrt(10 / 7)) / 3
const root = 13 * Math.sqrt(70)
export const cellNodes = Float64Array.of((1 - outer) / 2, (1 - inner) / 2, 0.5, (1 + inner) / 2, (1 + outer) / 2)
export const cellWeights = Float64Array.of(
  (322 - root) / 1800,
  (322 + root) / 1800,
  64 / 225,
  (322 + root) / 1800,
  (322 - root) / 1800,
)

/** Coefficients of the Lagrange polynomials of the nodes, `[node][power]`. */
const lagrange = Array.from(cellNodes, (at, i) => {
  let coefficients = [1]
  for (const [k, node] of cellNodes.entries()) {
    if (k === i) continue
    const next = new Array<number>(coefficients.length + 1).fill(0)
    for (const [power, value] of coefficients.entries()) {
      next[power] -= (value * node) / (at - node)
      next[power + 1] += value / (at - node)
    }
    coefficients = next
  }
  return coefficients
})

/**
 * Weights at the same nodes for integrals from 0 to 1 of z^exponent times a smooth function, exact for polynomials of
 * degree 4; exponent > -1.
 */
export function singularWeights(exponent: number): Float64Array {
  return Float64Array.from(lagrange, coefficients =>
    coefficients.reduce((sum, value, power) => sum + value / (exponent + power + 1), 0),
  )
}
