import { logSumExp } from '../logSumExp.js'
import type { RandomStream } from '../randomStream.js'
import { rowsAt } from '../resample.js'
import { around, drawInside, type Ellipsoid, farthest, radiusIn, scaled } from './ellipsoid.js'

/** Resamplings of the points that say how far outside of the ellipsoid around some of them others fall. */
const bootstraps = 6
/** Two ellipsoids instead of one must have no more than this share of its volume. */
const largestShare = 0.7

/**
 * Ellipsoids that together hold the points and the region they were drawn from: split in two by 2-means as long as that
 * saves volume, Feroz, Hobson and Bridges 2009 (arXiv 0809.3437), section 5. How much each is larger than the tightest
 * around its points is found by the bootstrap, Buchner 2014 (arXiv 1407.5459), so that the region the points were drawn
 * from is inside; and none is smaller than its points' share of that region's volume.
 *
 * @param points    `[n, dim]`, uniform in the region
 * @param logVolume of the region, as expected
 * @returns undefined where the points span no volume
 */
export function boundingEllipsoids(
  points: Float64Array,
  dim: number,
  logVolume: number,
  random: RandomStream,
): readonly Ellipsoid[] | undefined {
  const region = { dim, logVolumePerPoint: logVolume - Math.log(points.length / dim), random }
  const whole = enlarged(points, region)
  return whole && split(points, whole, region)
}

interface Region {
  readonly dim: number
  readonly logVolumePerPoint: number
  readonly random: RandomStream
}

function split(points: Float64Array, parent: Ellipsoid, region: Region): readonly Ellipsoid[] {
  const { dim } = region
  const halves = twoMeans(points, dim, parent)
  if (halves.some(half => half.length / dim < 2 * dim + 2)) return [parent]
  const both = halves.map(half => enlarged(half, region))
  const parts: Ellipsoid[] = []
  for (const [i, one] of both.entries()) {
    if (!one) return [parent]
    parts.push(...split(halves[i], one, region))
  }
  const saves = logSumExp(parts.map(one => one.logVolume)) < parent.logVolume + Math.log(largestShare)
  return saves ? parts : [parent]
}

/** The ellipsoid around the points, larger by what the bootstrap asks for. */
function enlarged(points: Float64Array, { dim, logVolumePerPoint, random }: Region): Ellipsoid | undefined {
  const tight = around(points, dim)
  if (!tight) return undefined
  const count = points.length / dim
  let factor = 1
  for (let round = 0; round < bootstraps; round++) {
    const drawn = new Uint8Array(count)
    for (let i = 0; i < count; i++) drawn[random.integer(count)]++
    const some = around(points, dim, drawn)
    if (some)
      factor = Math.max(
        factor,
        farthest(some, points, row => drawn[row] === 0),
      )
  }
  const least = logVolumePerPoint + Math.log(count)
  const own = scaled(tight, factor)
  return own.logVolume >= least ? own : scaled(own, Math.exp((least - own.logVolume) / dim))
}

/** Lloyd's two means, from the ends of the longest column of the axes. */
function twoMeans(points: Float64Array, dim: number, { centre, axes }: Ellipsoid): readonly Float64Array[] {
  const column = (j: number) => Float64Array.from({ length: dim }, (_, i) => axes[i * dim + j])
  const longest = Array.from({ length: dim }, (_, j) => column(j)).reduce((a, b) => (norm(b) > norm(a) ? b : a))
  let means = [-0.5, 0.5].map(t => centre.map((c, i) => c + t * longest[i]))
  const count = points.length / dim
  const sides = new Uint8Array(count).fill(2)
  for (let round = 0; round < 20; round++) {
    const sums = means.map(() => new Float64Array(dim))
    const sizes = [0, 0]
    let changed = 0
    for (let row = 0, at = 0; row < count; row++, at += dim) {
      let difference = 0
      for (let i = 0; i < dim; i++) {
        difference += (points[at + i] - means[0][i]) ** 2 - (points[at + i] - means[1][i]) ** 2
      }
      const side = +(difference > 0)
      if (side !== sides[row]) changed++
      sides[row] = side
      sizes[side]++
      for (let i = 0; i < dim; i++) sums[side][i] += points[at + i]
    }
    if (changed === 0 || sizes.includes(0)) break
    means = sums.map((sum, side) => sum.map(x => x / sizes[side]))
  }
  const rows = Array.from(sides.keys())
  return [0, 1].map(side =>
    rowsAt(
      points,
      dim,
      rows.filter(row => sides[row] === side),
    ),
  )
}

function norm(x: Float64Array): number {
  return Math.sqrt(x.reduce((sum, y) => sum + y * y, 0))
}

/**
 * A point of an ellipsoid chosen by its volume. A point that lies in several is refused the more often the more they
 * are, so that the union is covered evenly; undefined where it is refused, or lies outside the cube.
 */
export function drawInUnion(ellipsoids: readonly Ellipsoid[], random: RandomStream): Float64Array | undefined {
  const top = ellipsoids.reduce((largest, one) => Math.max(largest, one.logVolume), -Infinity)
  const volumes = ellipsoids.map(one => Math.exp(one.logVolume - top))
  let left = random.uniform() * volumes.reduce((a, b) => a + b, 0)
  let chosen = ellipsoids.length - 1
  for (let i = 0; i < volumes.length; i++) {
    left -= volumes[i]
    if (left >= 0) continue
    chosen = i
    break
  }
  const x = drawInside(ellipsoids[chosen], random)
  if (x.some(u => !(u > 0 && u < 1))) return undefined
  const holding = ellipsoids.filter((one, i) => i === chosen || radiusIn(one, x) <= 1).length
  return holding === 1 || random.uniform() * holding < 1 ? x : undefined
}
