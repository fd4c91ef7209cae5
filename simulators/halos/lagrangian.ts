import type * as tf from '@tensorflow/tfjs'
import type { ArrayValue } from '../../core/index.js'
import type { Cosmology } from '../cosmology/cosmology.js'
import { growthRate } from '../cosmology/growth.js'
import {
  forwardMatrices,
  forwardTransform,
  fullBand,
  type InverseMatrices,
  inverseMatrices,
  inverseTransforms,
} from './fourier.js'

/**
 * Lagrangian perturbation theory to third order (Bouchet et al. 1995, arXiv astro-ph/9406013; Catelan 1995,
 * astro-ph/9406016; the third order without its small rotational part). A particle moves from q to q - D grad phi1 + D2
 * grad phi2 + …, with laplacian phi1 = delta and laplacian phi2 = sum over i < j of phi1_ii phi1_jj - phi1_ij^2. Here
 * all are written with potentials whose Fourier modes are a source over k^2, Phi = delta / k^2 for the first, so that
 * every displacement is a gradient with a positive factor (1, 3/7 D^2, D^3), and the deformation -d_i d_j Phi has the
 * source as its trace.
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

/**
 * Program: source of the third order out of the deformations A of the first and B of the second: 10/21 (tr A tr B - tr
 * AB) / 2 - det A / 3. For a sphere of density delta all orders sum to 1 - delta/3 - delta^2/21 - 23 delta^3/1701.
 */
export function thirdOrderSource(first: readonly tf.Tensor[], second: readonly tf.Tensor[]): tf.Tensor {
  const [xx, yy, zz, xy, xz, yz] = first
  const [pxx, pyy, pzz, pxy, pxz, pyz] = second
  const diagonal = xx
    .mul(pyy.add(pzz))
    .add(yy.mul(pxx.add(pzz)))
    .add(zz.mul(pxx.add(pyy)))
  const off = xy.mul(pxy).add(xz.mul(pxz)).add(yz.mul(pyz))
  const determinant = xx
    .mul(yy.mul(zz).sub(yz.square()))
    .sub(xy.mul(xy.mul(zz).sub(yz.mul(xz))))
    .add(xz.mul(xy.mul(yz).sub(yy.mul(xz))))
  return diagonal
    .mul(5 / 21)
    .sub(off.mul(10 / 21))
    .sub(determinant.div(3))
}

export interface LagrangianInputs<T> {
  /** `[n, n, 2, n/2 + 1]` modes of the density contrast */
  readonly modes: T
  /** `[n, n, 1, n/2 + 1]` 1 / k^2 in (Mpc/h)^2, 0 at k = 0 */
  readonly inverseLaplacian: T
  /** with scale -1 */
  readonly deformation: InverseMatrices<T>
  readonly gradient: InverseMatrices<T>
  readonly forwardAcross: T
  readonly forwardAlong: T
}

/**
 * Program: displacements of the three orders, each `[n, n, n, 3]` in Mpc/h, at unit growth and before their factors
 * (`lagrangianFactors`). Differentiable in the modes; `simulate` does the same slab by slab.
 */
export function displacements(inputs: LagrangianInputs<tf.Tensor>): tf.Tensor[] {
  const { modes, inverseLaplacian, gradient, forwardAcross, forwardAlong } = inputs
  const potentialOf = (source: tf.Tensor) => forwardTransform(source, forwardAcross, forwardAlong).mul(inverseLaplacian)
  const potential = modes.mul(inverseLaplacian)
  const first = deformation(potential, inputs.deformation)
  const second = potentialOf(secondOrderSource(first))
  const third = potentialOf(thirdOrderSource(first, deformation(second, inputs.deformation)))
  return [potential, second, third].map(order => {
    const [x, y, z] = gradientOf(order, gradient).map(part => part.expandDims(3))
    return x.concat([y, z], 3)
  })
}

/** Inputs of `displacements` for a grid. */
export function lagrangianInputs(n: number, box: number, modes: ArrayValue): LagrangianInputs<ArrayValue> {
  const band = fullBand(n)
  const all = Array.from({ length: n }, (_, i) => i)
  const { across, along } = forwardMatrices(n)
  const inverse = new Float32Array(n * n * (n / 2 + 1))
  let at = 0
  for (const ky of band.across)
    for (const kx of band.across)
      for (const kz of band.along) {
        const squared = ((2 * Math.PI) / box) ** 2 * (kx * kx + ky * ky + kz * kz)
        inverse[at++] = squared > 0 ? 1 / squared : 0
      }
  return {
    modes,
    inverseLaplacian: { shape: [n, n, 1, n / 2 + 1], values: inverse },
    deformation: inverseMatrices({ n, box, band, orders: 3, scale: -1 })(all),
    gradient: inverseMatrices({ n, box, band, orders: 2 })(all),
    forwardAcross: across,
    forwardAlong: along,
  }
}

/**
 * Factors of the three orders today (D = 1): of displacements, and of velocities in km/s for a displacement in Mpc/h
 * after its factor.
 */
export function lagrangianFactors(cosmology: Pick<Cosmology, 'omegaM'>): {
  readonly displacement: readonly [number, number, number]
  readonly velocity: readonly [number, number, number]
} {
  const { omegaM } = cosmology
  // Bouchet et al. 1995, equations 44 to 48, for a flat universe: D2 = -3/7 D^2 omega_m^(-1/143), D3 in D^3
  // omega_m^(-4/143), and their rates 2 omega_m^(6/11) and 3 omega_m^(13/24)
  return {
    displacement: [1, (3 / 7) * omegaM ** (-1 / 143), omegaM ** (-4 / 143)],
    velocity: [100 * growthRate(cosmology, 1), 200 * omegaM ** (6 / 11), 300 * omegaM ** (13 / 24)],
  }
}
