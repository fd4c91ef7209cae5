import type { KnnGraph } from '../../core/index.js'
import { knn } from '../../gnn/graph/index.js'
import type { Field } from '../../io/galaxies/field.js'
import { boxVolume } from '../boxLengths.js'

/** What of a field a description may use. */
export type Channels = 'positions' | 'all'

/** One row a described point. */
export interface Descriptions {
  readonly rows: number
  readonly width: number
  /** `[rows, width]` */
  readonly values: Float32Array
}

/** Nearest neighbours described: some 90 Mpc/h far for the 5000 heaviest halos of a box of 1 Gpc/h. */
export const neighboursDescribed = 16
const nearestAveraged = [1, 4, 16] as const

/**
 * Descriptions of single points by their neighbourhoods; unchanged when the box is moved, turned by right angles or
 * mirrored. Of positions: log distance, in mean separations, to each of the 16 nearest; how one-sided (|mean
 * direction|) and how far from isotropic (norm of the traceless mean of direction times direction) the nearest 4, 8, 16
 * lie; how dense the places of the neighbours themselves are (their log distances to their first and eighth neighbour:
 * own, nearest, mean of 16). Of `all` also own log mass, that of the nearest, mean and largest of 16; log speed, and of
 * the 1, 4, 16 nearest the mean velocity of approach and the rms relative velocity, 100 km/s.
 *
 * @param points which points to describe
 * @throws DataError for a field of 16 points or fewer
 */
export function neighbourhoods(field: Field, points: Int32Array, channels: Channels): Descriptions {
  const graph = knn(field.positions, field.box, neighboursDescribed)
  const separation = Math.cbrt(boxVolume(field.box) / field.points)
  const logDistance = logDistances(graph, separation)
  const surroundings = { field, graph, logDistance, channels }
  const first = describe(surroundings, points[0] ?? 0)
  const values = new Float32Array(points.length * first.length)
  for (const [row, point] of points.entries())
    values.set(row === 0 ? first : describe(surroundings, point), row * first.length)
  return { rows: points.length, width: first.length, values }
}

/** `[points, neighboursDescribed]`; two points at one place are taken for a hundredth of the mean separation apart. */
function logDistances({ displacements, points, k }: KnnGraph, separation: number): Float32Array {
  return Float32Array.from({ length: points * k }, (_, edge) => {
    const r = Math.hypot(displacements[3 * edge], displacements[3 * edge + 1], displacements[3 * edge + 2])
    return Math.log(Math.max(r / separation, 0.01))
  })
}

/** A field with what all descriptions of its points share. */
interface Surroundings {
  readonly field: Field
  readonly graph: KnnGraph
  readonly logDistance: Float32Array
  readonly channels: Channels
}

function describe({ field, graph, logDistance, channels }: Surroundings, point: number): readonly number[] {
  const out = Array.from(logDistance.subarray(point * neighboursDescribed, (point + 1) * neighboursDescribed))
  const directions = directionsFrom(graph, point)
  for (const count of [4, 8, 16]) out.push(oneSidedness(directions, count), anisotropy(directions, count))
  const senders = graph.senders.subarray(point * neighboursDescribed, (point + 1) * neighboursDescribed)
  for (const rank of [0, 7]) {
    const there = Array.from(senders, sender => logDistance[sender * neighboursDescribed + rank])
    out.push(there[0], meanOf(there))
  }
  if (channels === 'positions') return out
  const { logMass, velocities } = field
  if (logMass) {
    const masses = Array.from(senders, sender => logMass[sender])
    out.push(logMass[point], masses[0], meanOf(masses), Math.max(...masses))
  }
  if (velocities) out.push(...motions(velocities, senders, directions, point))
  return out
}

/** Unit vectors to the neighbours, flat `[neighboursDescribed, 3]`. */
function directionsFrom({ displacements }: KnnGraph, point: number): Float64Array {
  const out = new Float64Array(3 * neighboursDescribed)
  for (let at = 0; at < neighboursDescribed; at++) {
    const from = 3 * (point * neighboursDescribed + at)
    const [dx, dy, dz] = [displacements[from], displacements[from + 1], displacements[from + 2]]
    const r = Math.hypot(dx, dy, dz) || 1
    out.set([dx / r, dy / r, dz / r], 3 * at)
  }
  return out
}

function oneSidedness(directions: Float64Array, count: number): number {
  const sum = [0, 0, 0]
  for (let at = 0; at < 3 * count; at++) sum[at % 3] += directions[at]
  return Math.hypot(...sum) / count
}

function anisotropy(directions: Float64Array, count: number): number {
  let squares = 0
  for (let a = 0; a < 3; a++)
    for (let b = 0; b < 3; b++) {
      let mean = 0
      for (let at = 0; at < count; at++) mean += (directions[3 * at + a] * directions[3 * at + b]) / count
      squares += (mean - (a === b ? 1 / 3 : 0)) ** 2
    }
  return Math.sqrt(squares)
}

/** Log speed; of the few nearest the mean velocity along the separation and the rms relative velocity. */
function motions(velocities: Float32Array, senders: Int32Array, directions: Float64Array, point: number): number[] {
  const own = velocities.subarray(3 * point, 3 * point + 3)
  const out = [Math.log(Math.hypot(...own) / 100 + 0.01)]
  let along = 0
  let squares = 0
  for (let at = 0; at < neighboursDescribed; at++) {
    for (let axis = 0; axis < 3; axis++) {
      const relative = (velocities[3 * senders[at] + axis] - own[axis]) / 100
      along += relative * directions[3 * at + axis]
      squares += relative ** 2
    }
    const count = at + 1
    if ((nearestAveraged as readonly number[]).includes(count)) out.push(along / count, Math.sqrt(squares / count))
  }
  return out
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, x) => sum + x, 0) / values.length
}
