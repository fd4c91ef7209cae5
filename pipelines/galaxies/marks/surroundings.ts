import type { Box } from '../../../core/index.js'
import {
  type MarkBasis,
  type MarkGate,
  makeMesh,
  makeShells,
  type Placement,
  pairBasisFor,
  pairMarkCount,
  pairScalars,
  pairVectors,
  place,
  type Shells,
  scalarModes,
  shellFeatures,
} from '../../../gnn/marks/index.js'
import { environmentOf, makePairFinder, type PairBasis, type PairList } from '../../../gnn/pairs/index.js'

/**
 * What surrounds the points of one cloud, from positions alone. The pair list is the finder's and lives until its next
 * cloud.
 */
export interface Surroundings {
  readonly points: number
  readonly basis: PairBasis
  readonly pairs: PairList
  readonly shells: Shells
  readonly placement: Placement
  /** `[points, 2]` log-counts within the two smoothing radii over those of a uniform cloud */
  readonly environments: Float64Array
  /** What sums over neighbours are multiplied by: the density of the fit over that of this cloud */
  readonly thinning: number
}

/** @param density points per (Mpc/h)^3 of the clouds of the fit */
export function makeSurroundings(
  basis: MarkBasis,
  box: Box,
  density: number,
): (positions: Float32Array) => Surroundings {
  const pairBasis = pairBasisFor(basis, box)
  const find = makePairFinder(pairBasis.box, pairBasis.reach)
  const mesh = makeMesh(pairBasis.box, basis.cell)
  const shells = makeShells(mesh, basis.shells)
  const volume = pairBasis.box[0] * pairBasis.box[1] * pairBasis.box[2]
  return positions => {
    const points = positions.length / 3
    const pairs = find(positions, points)
    const sorted = environmentOf(pairs, pairBasis, 0, new Float64Array(3 * points))
    const environments = new Float64Array(2 * points)
    for (let q = 0; q < points; q++) {
      environments[2 * pairs.order[q]] = sorted[3 * q + 1]
      environments[2 * pairs.order[q] + 1] = sorted[3 * q + 2]
    }
    const placement = place(mesh, positions, points)
    const thinning = (density * volume) / Math.max(1, points)
    return { points, basis: pairBasis, pairs, shells, placement, environments, thinning }
  }
}

const massGates: readonly MarkGate[] = [
  [0, 0],
  [1, 0],
  [0, 1],
]
const ownColumns = 6

/**
 * Columns that a mass score is regressed on: a constant, the environments and their products, gated sums over near
 * pairs, the contrast in shells.
 */
export function massColumns(basis: MarkBasis): number {
  return ownColumns + basis.splines * massGates.length + basis.shells.length
}

/** `[points, columns]`, columns at least `massColumns`; the rest is left 0. */
export function massFeatures(around: Surroundings, columns: number): Float32Array {
  const { points, environments, basis, shells, pairs, placement } = around
  const out = new Float32Array(points * columns)
  const channels = channelsOf(around)
  pairScalars(pairs, { basis, gates: massGates, channels, width: 4 }, out, columns, ownColumns)
  scaleColumns(out, columns, ownColumns, ownColumns + pairMarkCount({ basis, gates: massGates }), around.thinning)
  for (let i = 0; i < points; i++) {
    const near = environments[2 * i]
    const far = environments[2 * i + 1]
    out.set([1, near, far, near * near, near * far, far * far], i * columns)
  }
  const modes = scalarModes(shells, placement, new Float64Array(points).fill(1))
  shellFeatures(shells, placement, modes, 'contrast', out, columns, ownColumns + basis.splines * massGates.length)
  return out
}

const velocityGates: readonly MarkGate[] = [
  [0, 0],
  [1, 0],
  [0, 1],
  [3, 0],
  [0, 3],
]

/**
 * Columns that a velocity is regressed on: gated vectors over near pairs (also by the masses of either), flows of the
 * number and of the mass density in shells.
 */
export function velocityColumns(basis: MarkBasis): number {
  return basis.splines * velocityGates.length + 2 * basis.shells.length
}

/**
 * `[3 * points, columns]`, columns at least `velocityColumns`; the rest is left 0.
 *
 * @param scores `[points]` normal scores of the masses
 */
export function velocityFeatures(around: Surroundings, scores: Float64Array, columns: number): Float32Array {
  const { points, basis, shells, pairs, placement } = around
  const out = new Float32Array(3 * points * columns)
  const channels = channelsOf(around, scores)
  const near = pairMarkCount({ basis, gates: velocityGates })
  pairVectors(pairs, { basis, gates: velocityGates, channels, width: 4 }, out, columns)
  scaleColumns(out, columns, 0, near, around.thinning)
  const number = scalarModes(shells, placement, new Float64Array(points).fill(1))
  shellFeatures(shells, placement, number, 'flow', out, columns, near)
  const mass = scalarModes(shells, placement, scores)
  shellFeatures(shells, placement, mass, 'flow', out, columns, near + shells.nodes.length)
  return out
}

/** `[points, 4]`: 1, the two environments, the score of the mass (0 where there is none yet). */
function channelsOf({ points, environments }: Surroundings, scores?: Float64Array): Float64Array {
  const out = new Float64Array(4 * points)
  for (let i = 0; i < points; i++) {
    out[4 * i] = 1
    out[4 * i + 1] = environments[2 * i]
    out[4 * i + 2] = environments[2 * i + 1]
    out[4 * i + 3] = scores?.[i] ?? 0
  }
  return out
}

function scaleColumns(values: Float32Array, columns: number, from: number, to: number, scale: number): void {
  if (scale === 1) return
  for (let row = 0; row < values.length; row += columns) for (let c = row + from; c < row + to; c++) values[c] *= scale
}

/** `[points]` mass scores expected of these `massColumns`. */
export function expectedScores(around: Surroundings, basis: MarkBasis, coefficients: Float64Array): Float64Array {
  const columns = massColumns(basis)
  return applyFeatures(massFeatures(around, columns), columns, coefficients)
}

/** `[3 * points]` velocities expected of these `velocityColumns`, in units of their rms. */
export function expectedVelocities(
  around: Surroundings,
  basis: MarkBasis,
  scores: Float64Array,
  coefficients: Float64Array,
): Float64Array {
  const columns = velocityColumns(basis)
  return applyFeatures(velocityFeatures(around, scores, columns), columns, coefficients)
}

/** Rows times coefficients. */
export function applyFeatures(features: Float32Array, columns: number, coefficients: Float64Array): Float64Array {
  const out = new Float64Array(features.length / columns)
  for (let row = 0, at = 0; row < out.length; row++, at += columns) {
    let sum = 0
    for (let c = 0; c < coefficients.length; c++) sum += features[at + c] * coefficients[c]
    out[row] = sum
  }
  return out
}
