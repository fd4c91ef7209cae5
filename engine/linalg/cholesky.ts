import { WorkError } from '../../core/index.js'
import { makeProduct, type Product } from './product.js'

export interface CholeskySolver {
  /**
   * x of `matrix x = right`; the symmetric, positive matrix `[n, n]` is overwritten (only its lower triangle is read).
   */
  solve(matrix: Float64Array, right: Float64Array): Promise<Float64Array>
}

/**
 * Solves symmetric positive systems of some thousand unknowns by the blocked, right-looking Cholesky factorisation
 * (Golub and Van Loan, Matrix Computations, section 4.2.9): diagonal blocks in a plain loop, everything else as matrix
 * products on ONNX Runtime.
 */
export async function makeCholesky(threads = 1, block = 144): Promise<CholeskySolver> {
  const product = await makeProduct('float64', { transposeB: true, threads })
  return {
    async solve(matrix, right) {
      const n = right.length
      await factor(matrix, n, block, product)
      return substitute(matrix, n, right)
    },
  }
}

async function factor(matrix: Float64Array, n: number, block: number, product: Product<Float64Array>): Promise<void> {
  for (let start = 0; start < n; start += block) {
    const size = Math.min(block, n - start)
    factorDiagonal(matrix, n, start, size)
    const below = n - start - size
    if (below === 0) return
    const panel = new Float64Array(below * size)
    for (let i = 0; i < below; i++) {
      const from = (start + size + i) * n + start
      panel.set(matrix.subarray(from, from + size), i * size)
    }
    const inverse = { rows: size, columns: size, values: invertLower(matrix, n, start, size) }
    const solved = await product({ rows: below, columns: size, values: panel }, inverse)
    const update = (await product(solved, solved)).values
    for (let i = 0; i < below; i++) {
      const row = (start + size + i) * n
      for (let k = 0; k < size; k++) matrix[row + start + k] = solved.values[i * size + k]
      for (let j = 0, to = row + start + size, from = i * below; j <= i; j++) matrix[to + j] -= update[from + j]
    }
  }
}

function factorDiagonal(matrix: Float64Array, n: number, start: number, size: number): void {
  for (let i = start; i < start + size; i++)
    for (let j = start; j <= i; j++) {
      let sum = matrix[i * n + j]
      for (let k = start; k < j; k++) sum -= matrix[i * n + k] * matrix[j * n + k]
      if (i !== j) matrix[i * n + j] = sum / matrix[j * n + j]
      else if (sum > 0) matrix[i * n + i] = Math.sqrt(sum)
      else
        throw new WorkError(
          'expected a positive matrix in a least-squares solve',
          `got a pivot of ${sum} at row ${i} of ${n}`,
          'use a larger ridge or more data',
        )
    }
}

function invertLower(matrix: Float64Array, n: number, start: number, size: number): Float64Array {
  const inverse = new Float64Array(size * size)
  for (let j = 0; j < size; j++) {
    inverse[j * size + j] = 1 / matrix[(start + j) * n + start + j]
    for (let i = j + 1; i < size; i++) {
      let sum = 0
      for (let k = j; k < i; k++) sum -= matrix[(start + i) * n + start + k] * inverse[k * size + j]
      inverse[i * size + j] = sum / matrix[(start + i) * n + start + i]
    }
  }
  return inverse
}

function substitute(lower: Float64Array, n: number, right: Float64Array): Float64Array {
  const x = right.slice()
  for (let i = 0; i < n; i++) {
    let sum = x[i]
    for (let k = 0; k < i; k++) sum -= lower[i * n + k] * x[k]
    x[i] = sum / lower[i * n + i]
  }
  for (let i = n - 1; i >= 0; i--) {
    x[i] /= lower[i * n + i]
    const value = x[i]
    for (let k = 0; k < i; k++) x[k] -= lower[i * n + k] * value
  }
  return x
}
