import type * as tf from '@tensorflow/tfjs'
import type { Cosmology } from '../cosmology/cosmology.js'
import { growthRate } from '../cosmology/growth.js'
import { forwardTransform, type InverseMatrices, inverseTransforms } from './fourier.js'

/**
 * Lagrangian perturbation theory to second order (Bouchet et al. 1995, arXiv astro-ph/9406013; Scoccimarro 1998, appendix D,
 * astro-ph/9711187). A particle moves from q to q - D grad phi1 + D2 grad phi2, with laplacian phi1 = delta and laplacian phi2 =
 * sum over i < j of phi1_ii phi1_jj - phi1_ij^2. Here both are written with potentials Phi = delta / k^2 and Phi2 = source / k^2
 * in Fourier space, so that a displacement is the gradient of Phi, and the deformation -d_i d_j Phi has the trace delta.
 */

/** Orders of the derivatives that make the deformation: xx, yy, zz, xy, xz, yz. */
const deformationOrders = [
  [2, 0, 0],
  [0, 2, 0],
  [0, 0, 2],
  [1, 1, 0],
  [1, 0, 1],
  [0, 1, 1],
] as const

const gradientOrders = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
] as const

/** Program: -d_i d_j Phi as xx, yy, zz, xy, xz, yz, each `[cells, n, n]`; the x-matrices carry the sign (scale -1). */
export function deformation(potential: tf.Tensor, matrices: InverseMatrices<tf.Tensor>): tf.Tensor[] {
  return inverseTransforms(potential, matrices, deformationOrders)
}

/** Program: the gradient of a potential along x, y and z, each `[cells, n, n]`. */
export function gradientOf(potential: tf.Tensor, matrices: InverseMatrices<tf.Tensor>): tf.Tensor[] {
  return inverseTransforms(potential, matrices, gradientOrders)
}

/** Program: sum over pairs of axes of d_ii d_jj - d_ij^2. */
export function secondOrderSource([xx, yy, zz, xy, xz, yz]: readonly tf.Tensor[]): tf.Tensor {
  return xx.mul(yy).add(xx.mul(zz)).add(yy.mul(zz)).sub(xy.square()).sub(xz.square()).sub(yz.square())
}

export interface LagrangianInputs<T> {
  /** `[n, n, 2, n/2 + 1]` modes of the density contrast */
  readonly modes: T
  /** `[n, n, 1, n/2 + 1]` 1 / k^2 in (Mpc/h)^2, 0 at k = 0 */
  readonly inverseLaplacian: T
  readonly deformation: InverseMatrices<T>
  readonly gradient: InverseMatrices<T>
  readonly forwardAcross: T
  readonly forwardAlong: T
}

/** Program: first- and second-order displacements at unit growth, `first` and `second` `[n, n, n, 3]` in Mpc/h: x = q + D first + D^2 second 3/7 omega_m^(-1/143). */
export function displacements(inputs: LagrangianInputs<tf.Tensor>): { first: tf.Tensor; second: tf.Tensor } {
  const potential = inputs.modes.mul(inputs.inverseLaplacian)
  const source = secondOrderSource(deformation(potential, inputs.deformation))
  const second = forwardTransform(source, inputs.forwardAcross, inputs.forwardAlong).mul(inputs.inverseLaplacian)
  return { first: stacked(gradientOf(potential, inputs.gradient)), second: stacked(gradientOf(second, inputs.gradient)) }
}

function stacked([x, y, z]: readonly tf.Tensor[]): tf.Tensor {
  return x.expandDims(3).concat([y.expandDims(3), z.expandDims(3)], 3)
}

/** Factors of first and second order today (a = 1), with D = 1: for displacements, and for velocities in km/s per Mpc/h. */
export function lagrangianFactors(cosmology: Cosmology): {
  readonly second: number
  readonly velocity: readonly [number, number]
} {
  // Bouchet et al. 1995, equations 44 to 46: D2 = -3/7 D^2 omega_m^(-1/143) and f2 = 2 omega_m^(6/11) in a flat universe
  const second = (3 / 7) * cosmology.omegaM ** (-1 / 143)
  return { second, velocity: [100 * growthRate(cosmology, 1), 100 * 2 * cosmology.omegaM ** (6 / 11) * second] }
}
