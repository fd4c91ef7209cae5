import { CholeskyDecomposition, Matrix } from 'ml-matrix'
import type { ArrayValue } from '../../core/index.js'

/**
 * Observations of about one size: where their summaries lie, as one Gaussian, and how far from its centre held-out ones
 * are.
 */
export interface RegionGroup {
  /**
   * smallest size in the group (the stars of a galaxy); the next group begins where it ends, the first reaches down to
   * all sizes
   */
  readonly from: number
  /** `[length]` */
  readonly mean: Float32Array
  /** `[length, length]`, L^-1 of the covariance L L^T: distances are |L^-1 (s - mean)| */
  readonly whitening: Float32Array
  /** of held-out galaxies, ascending */
  readonly distances: Float32Array
}

/**
 * Where the summaries of the training simulations lie. Data of another kind than the simulations (of galaxies: tides,
 * binaries left in, wrong units) leave summaries that no simulation leaves; a network says nothing sensible about them
 * and does not know it. Small observations scatter summaries more than large ones, so each is compared with those of
 * about its size: by one Gaussian for all, half of the galaxies with under 20 stars were flagged and hardly one with
 * 1,000. Where size says nothing, one group is all.
 *
 * Ascending by `from`, at least one.
 */
export type TrainedRegion = readonly RegionGroup[]

/** How unusual an observation is. */
export interface Unusualness {
  readonly distance: number
  /** share of held-out simulations that are farther out */
  readonly share: number
}

/** An observation that fewer than this share of simulated ones outdo is flagged. */
export const unusualShare = 0.005

export function isUnusual({ share }: Unusualness): boolean {
  return share < unusualShare
}

/** What a reader must know of an observation that is flagged; nothing of any other. */
export function unusualWarnings({
  distance,
  share,
  among = 'the simulations',
  advice,
}: Unusualness & { readonly among?: string; readonly advice?: string }): string[] {
  if (share >= unusualShare) return []
  return [
    `This observation lies outside what the model was trained on: ${(100 * share).toFixed(2)}% of ${among} are as far out ` +
      `(distance ${distance.toFixed(1)}). The posterior is not to be trusted${advice ? `; ${advice}` : ''}.`,
  ]
}

/** The group that an observation of this size is compared with. */
export function groupOf(region: TrainedRegion, size: number): RegionGroup {
  return region.findLast(({ from }) => size >= from) ?? region[0]
}

export function unusualness(region: TrainedRegion, summary: Float32Array, size: number): Unusualness {
  const group = groupOf(region, size)
  const distance = distanceIn(group, summary)
  const { distances } = group
  const farther = distances.reduce((count, d) => count + (d >= distance ? 1 : 0), 0)
  return { distance, share: farther / distances.length }
}

/**
 * @param from     smallest size in the group
 * @param fitted   `[n, length]` rows the Gaussian is fitted to
 * @param heldOut  rows the distances are of
 */
export function fitGroup(from: number, fitted: readonly Float32Array[], heldOut: readonly Float32Array[]): RegionGroup {
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
  // Outputs of a network may be all but copies of one another; a direction without spread is then not looked at too
  // closely.
  const floor = 1e-6 * (covariance.trace() / length) + 1e-12
  for (let i = 0; i < length; i++) covariance.set(i, i, covariance.get(i, i) + floor)
  const lower = new CholeskyDecomposition(covariance).lowerTriangularMatrix
  const whitening = Float32Array.from(invertLower(lower).to1DArray())
  const group = { from, mean: Float32Array.from(mean), whitening }
  return { ...group, distances: Float32Array.from(heldOut, row => distanceIn(group, row)).sort() }
}

/** Groups one after the other: their smallest sizes, Gaussians, and how many held-out distances each has. */
export function regionTensors(region: TrainedRegion): Record<string, ArrayValue> {
  const length = region[0].mean.length
  const joined = (pick: (group: RegionGroup) => Float32Array) =>
    Float32Array.from(region.flatMap(group => [...pick(group)]))
  const distances = joined(group => group.distances)
  return {
    'region.from': { shape: [region.length], values: Float32Array.from(region, ({ from }) => from) },
    'region.mean': { shape: [region.length, length], values: joined(group => group.mean) },
    'region.whitening': { shape: [region.length, length, length], values: joined(group => group.whitening) },
    'region.held_out': { shape: [region.length], values: Int32Array.from(region, ({ distances }) => distances.length) },
    'region.distances': { shape: [distances.length], values: distances },
  }
}

/** The tensors that a region is stored in. */
export const regionNames = ['from', 'mean', 'whitening', 'held_out', 'distances'].map(name => `region.${name}`)

export function regionIn(tensors: Readonly<Record<string, { readonly values: unknown }>>): TrainedRegion {
  const [first, mean, whitening, heldOut, distances] = regionNames.map(name => tensors[name].values as Float32Array)
  const length = mean.length / first.length
  let at = 0
  return Array.from(first, (from, g) => {
    at += heldOut[g]
    return {
      from,
      mean: mean.slice(g * length, (g + 1) * length),
      whitening: whitening.slice(g * length ** 2, (g + 1) * length ** 2),
      distances: distances.slice(at - heldOut[g], at),
    }
  })
}

function distanceIn({ mean, whitening }: Pick<RegionGroup, 'mean' | 'whitening'>, row: Float32Array): number {
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
