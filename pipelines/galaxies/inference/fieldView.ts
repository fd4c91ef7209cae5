import { DataError, type Key, permutation, UsageError } from '../../../core/index.js'
import { knn } from '../../../gnn/graph/index.js'
import type { Field } from '../../../io/galaxies/field.js'
import { correlationEdges, correlationFunction, pairwiseVelocity } from '../../../statistics/index.js'

/**
 * What a posterior network sees of a field: some of its points, each by its neighbourhood in the kNN graph, and the
 * field as a whole.
 */
export interface FieldView {
  /** `[seenPoints, pointFeatures]` */
  readonly points: Float32Array
  /** `[contextFeatures]` */
  readonly context: Float32Array
  /** rows of `points` that are looked at; all where absent */
  readonly rows?: Int32Array
}

/** Neighbours of the graph. */
const k = 32
/** Neighbours whose distance is given. */
const ranks = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32]
/** Neighbours over which masses, velocities and displacements are averaged. */
const shells = [4, 12, 32]
/** Masses of the halos at these shares of the field, from the heaviest. */
const massShares = [0.002, 0.01, 0.03, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95]
const velocityEdges = [5, 8, 12, 18, 25, 35, 50]

/** Points of a field that a view holds, chosen blindly. */
export const seenPoints = 1024
export const pointFeatures = ranks.length + 5 * shells.length + 2
export const contextFeatures = correlationEdges.length - 1 + massShares.length + (velocityEdges.length - 1) + 4

/**
 * A field as numbers that do not change when it is moved, turned or mirrored. Lengths are in the mean distance
 * between points, and the volume and number of points beside; xi by its asinh over a tenth, for it spans four decades.
 *
 * @throws UsageError for a field without masses or velocities, or not periodic
 * @throws DataError for fewer points than a view holds
 */
export function viewField(field: Field, key: Key): FieldView {
  const { positions, velocities, logMass, points, box } = field
  if (!velocities || !logMass)
    throw new UsageError(
      'expected a field with velocities and masses for --method npe',
      `got ${velocities ? 'no masses' : 'no velocities'}`,
      'use a likelihood method, which needs positions alone',
    )
  const [x, y, z] = box
  if (!x || !y || !z)
    throw new UsageError('expected a periodic field', `got ${JSON.stringify(box)}`, 'cut a periodic field')
  if (points < seenPoints)
    throw new DataError(`expected at least ${seenPoints} halos`, `got ${points}`, 'infer from larger fields')
  const volume = x * y * z
  const spacing = (volume / points) ** (1 / 3)
  const { senders, displacements } = knn(positions, box, k)
  const chosen = permutation(key.split('points'), points).subarray(0, seenPoints)
  const meanMass = logMass.reduce((sum, m) => sum + m, 0) / points
  const rows = new Float32Array(seenPoints * pointFeatures)
  for (let row = 0; row < seenPoints; row++) {
    const i = chosen[row]
    let at = row * pointFeatures
    for (const rank of ranks) {
      const to = 3 * (i * k + rank - 1)
      rows[at++] = Math.log(
        Math.hypot(displacements[to], displacements[to + 1], displacements[to + 2]) / spacing + 1e-3,
      )
    }
    const sums = new Float64Array(9)
    for (let slot = 0; slot < k; slot++) {
      const edge = 3 * (i * k + slot)
      const other = senders[i * k + slot]
      const d = [displacements[edge], displacements[edge + 1], displacements[edge + 2]]
      const length = Math.hypot(d[0], d[1], d[2]) + 1e-6
      let [approach, square] = [0, 0]
      for (let axis = 0; axis < 3; axis++) {
        const relative = velocities[3 * other + axis] - velocities[3 * i + axis]
        approach += (relative * d[axis]) / length
        square += relative ** 2
        sums[3 + axis] += d[axis] / length
      }
      sums[0] += logMass[other] - meanMass
      sums[1] += approach
      sums[2] += square
      const count = slot + 1
      if (!shells.includes(count)) continue
      rows[at++] = sums[0] / count
      rows[at++] = sums[1] / count / 300
      rows[at++] = Math.log(sums[2] / count + 1) / 2 - 6
      rows[at++] = Math.hypot(sums[3], sums[4], sums[5]) / count
      rows[at++] = length / spacing
    }
    rows[at++] = logMass[i] - meanMass
    rows[at++] = Math.log(Math.hypot(velocities[3 * i], velocities[3 * i + 1], velocities[3 * i + 2]) + 1) - 6
  }
  return { points: rows, context: contextOf(field, volume) }
}

function contextOf(field: Field, volume: number): Float32Array {
  const { positions, points, box } = field
  const [velocities, logMass] = [field.velocities ?? new Float32Array(), field.logMass ?? new Float32Array()]
  const heaviest = Float32Array.from(logMass).sort().reverse()
  const xi = Array.from(correlationFunction(positions, box, correlationEdges), value => Math.asinh(value / 0.1))
  const approach = Array.from(pairwiseVelocity(positions, velocities, box, velocityEdges), v =>
    Number.isNaN(v) ? 0 : v / 300,
  )
  const speed = Math.sqrt(velocities.reduce((sum, v) => sum + v ** 2, 0) / velocities.length)
  const slope = heaviest[Math.floor(0.01 * points)] - heaviest[Math.floor(0.5 * points)]
  return Float32Array.from([
    ...xi,
    ...massShares.map(share => heaviest[Math.floor(share * points)] - 14),
    ...approach,
    Math.log(speed) - 6,
    slope,
    Math.log(points / volume) + 12,
    Math.log(volume) - 20,
  ])
}
