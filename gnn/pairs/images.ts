import { wrap } from '../../core/index.js'
import { makePairStore, type PairCandidates } from './pairStore.js'
import type { PairList } from './pairs.js'

/**
 * A finder for boxes that are small beside the reach (more than a quarter, less than the whole of a length): the pairs
 * with every periodic image within reach, not the nearest alone. It is what the sum over a periodic universe means: for
 * a linear response, a convolution with a kernel that does not know the box, it is exact in a box of any size, where
 * cutting at half the box would lose the kernel's tail. A point's own images are not its neighbours. All points look at
 * all images: boxes of this kind hold a thousand points.
 */
export function imageFinderOf(
  box: readonly [number, number, number],
  reach: number,
  points: number,
): (positions: Float32Array) => PairList {
  const order = Int32Array.from({ length: points }, (_, i) => i)
  const offsets = new Int32Array(points + 1)
  const wrapped = new Float64Array(3 * points)
  const images: PairCandidates = { near: new Float64Array(0), places: new Int32Array(0), count: 0 }
  const store = makePairStore()
  const shifts = box.map(length => Math.ceil(reach / length))

  return positions => {
    for (let i = 0; i < 3 * points; i++) wrapped[i] = wrap(positions[i], box[i % 3])
    gatherImages()
    let found = 0
    for (let q = 0; q < points; q++) {
      offsets[q] = found
      store.withRoom(found, found + images.count)
      found = store.add(found, q, wrapped[3 * q], wrapped[3 * q + 1], wrapped[3 * q + 2], images, reach * reach)
    }
    offsets[points] = found
    return { points, order, offsets, ...store.withRoom(found, found) }
  }

  /** All images of all points that lie in the box or within reach of it. */
  function gatherImages(): void {
    const [lx, ly, lz] = box
    const most = points * shifts.reduce((product, shift) => product * (2 * shift + 1), 1)
    if (images.places.length < most) {
      images.near = new Float64Array(3 * most)
      images.places = new Int32Array(most)
    }
    const { near, places } = images
    let count = 0
    for (let i = 0; i < points; i++)
      for (let sx = -shifts[0]; sx <= shifts[0]; sx++) {
        const x = wrapped[3 * i] + sx * lx
        if (x < -reach || x > lx + reach) continue
        for (let sy = -shifts[1]; sy <= shifts[1]; sy++) {
          const y = wrapped[3 * i + 1] + sy * ly
          if (y < -reach || y > ly + reach) continue
          for (let sz = -shifts[2]; sz <= shifts[2]; sz++) {
            const z = wrapped[3 * i + 2] + sz * lz
            if (z < -reach || z > lz + reach) continue
            near[3 * count] = x
            near[3 * count + 1] = y
            near[3 * count + 2] = z
            places[count++] = i
          }
        }
      }
    images.count = count
  }
}
