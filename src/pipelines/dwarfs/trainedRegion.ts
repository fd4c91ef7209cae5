import { CholeskyDecomposition, Matrix } from 'ml-matrix'
import type { ArrayValue } from '../../core/index.js'

/**
 * Where the summaries of the training galaxies lie, as one Gaussian, and how far from its centre held-out galaxies are. Data of
 * another kind than the simulations (tides, binaries left in, wrong units) leave summaries that no simulated galaxy leaves; a network says
 * nothing sensible about them and does not know it.
 */
export interface TrainedRegion {
  /** `[length]` */
  readonly mean: Float32Array
  /** `[length, length]`, L^-1 of the covariance L L^T: distances are |L^-1 (s - mean)| */
  readonly whitening: Float32Array
  /** of held-out galaxies, ascending */
  readonly distances: Float32Array
}

/** How unusual an observation is. */
export interface Unusualness {
  readonly distance: number
  /** share of held-out simulated galaxies that are farther out */
  readonly share: number
}

/** A galaxy that fewer than this share of simulated ones outdo is flagged. */
export const unusualShare = 0.005

/**
 * @param fitted   `[n, length]` rows the Gaussian is fitted to
 * @param heldOut  rows the distances are of
 */
export function fitRegion(fitted: readonly Float32Array[], heldOut: readonly Float32Array[]): TrainedRegion {
  const length = fitted[0].length
  const mean = Float64Array.from({ length }, (_, i) => fitted.reduce((sum, row) => sum + row[i], 0) / fitted.length)
  const covariance = Matrix.zeros(length, length)
  for (const row of fitted) {
    for (let i = 0; i < length; i++) {
      for (let j = 0; j <= i; j++) {
        covariance.set(i, j, covariance.get(i, j) + ((row[i] - mean[i]) * (row[j] - mean[j])) / fitted.length)
      }
    }
  }
  for (let i = 0; i < length; i++) {
    for (let j = 0; j < i; j++) covariance.set(j, i, covariance.get(i, j))
  }
  // Outputs of a network may be all but copies of one another; a direction without spread is then not looked at too closely.
  const floor = 1e-6 * (covariance.trace() / length) + 1e-12
  for (let i = 0; i < length; i++) covariance.set(i, i, covariance.get(i, i) + floor)
  const lower = new CholeskyDecomposition(covariance).lowerTriangularMatrix
  const whitening = Float32Array.from(invertLower(lower).to1DArray())
  const region = { mean: Float32Array.from(mean), whitening, distances: new Float32Array() }
  return { ...region, distances: Float32Array.from(heldOut, row => distanceIn(region, row)).sort() }
}

export function unusualness(region: TrainedRegion, summary: Float32Array): Unusualness {
  const distance = distanceIn(region, summary)
  const { distances } = region
  const farther = distances.reduce((count, d) => count + (d >= distance ? 1 : 0), 0)
  return { distance, share: farther / distances.length }
}

export function regionTensors({ mean, whitening, distances }: TrainedRegion): Record<string, ArrayValue> {
  return {
    'region.mean': { shape: [mean.length], values: mean },
    'region.whitening': { shape: [mean.length, mean.length], values: whitening },
    'region.distances': { shape: [distances.length], values: distances },
  }
}

export function regionIn(tensors: Readonly<Record<string, { readonly values: unknown }>>): TrainedRegion {
  const vector = (name: string) => tensors[`region.${name}`].values as Float32Array
  return { mean: vector('mean'), whitening: vector('whitening'), distances: vector('distances') }
}

function distanceIn({ mean, whitening }: Pick<TrainedRegion, 'mean' | 'whitening'>, row: Float32Array): number {
  const { length } = mean
  let square = 0
  for (let i = 0; i < length; i++) {
    let z = 0
    for (let j = 0; j <= i; j++) z += whitening[i * length + j] * (row[j] - mean[j])
    square += z * z
  }
  return Math.sqrt(square)
}

function invertLower(lower: Matrix): Matrix {
  const { rows: n } = lower
  const inverse = Matrix.zeros(n, n)
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = i === j ? 1 : 0
      for (let k = j; k < i; k++) sum -= lower.get(i, k) * inverse.get(k, j)
      inverse.set(i, j, sum / lower.get(i, i))
    }
  }
  return inverse
}
