import { wrap } from '../../core/index.js'
import { makePairStore } from './pairStore.js'
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
  let images = new Float64Array(0)
  let imageOf = new Int32Array(0)
  const store = makePairStore()
  const shifts = box.map(length => Math.ceil(reach / length))

  return positions => {
    for (let i = 0; i < 3 * points; i++) wrapped[i] = wrap(positions[i], box[i % 3])
    const count = gatherImages()
    let found = 0
    for (let q = 0; q < points; q++) {
      offsets[q] = found
      const { senders, geometry } = store.withRoom(found, found + count)
      const x = wrapped[3 * q]
      const y = wrapped[3 * q + 1]
      const z = wrapped[3 * q + 2]
      for (let c = 0; c < count; c++) {
        const dx = images[3 * c] - x
        const dy = images[3 * c + 1] - y
        const dz = images[3 * c + 2] - z
        const r2 = dx * dx + dy * dy + dz * dz
        if (r2 < reach * reach && imageOf[c] !== q) {
          senders[found] = imageOf[c]
          geometry[4 * found] = dx
          geometry[4 * found + 1] = dy
          geometry[4 * found + 2] = dz
          geometry[4 * found + 3] = Math.sqrt(r2)
          found++
        }
      }
    }
    offsets[points] = found
    return { points, order, offsets, ...store.withRoom(found, found) }
  }

  /** All images of all points that lie in the box or within reach of it. */
  function gatherImages(): number {
    const [lx, ly, lz] = box
    const most = points * shifts.reduce((product, shift) => product * (2 * shift + 1), 1)
    if (imageOf.length < most) {
      images = new Float64Array(3 * most)
      imageOf = new Int32Array(most)
    }
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
            images[3 * count] = x
            images[3 * count + 1] = y
            images[3 * count + 2] = z
            imageOf[count++] = i
          }
        }
      }
    return count
  }
}
