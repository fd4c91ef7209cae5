import type { PairList } from './pairs.js'

/** Points that may lie within reach of a receiver, the first `count` of the arrays. */
export interface PairCandidates {
  /** `[candidates, 3]` positions, of the image that counts */
  near: Float64Array
  /** `[candidates]` the place of each in the list's order */
  places: Int32Array
  count: number
}

/** Arrays for pairs whose number is known only when all are found; they grow and are used again. */
export interface PairStore {
  /**
   * Writes the pairs of the receiver at a place and a position with all candidates within the square root of `reach2`,
   * from pair `found` on; its own place is no neighbour.
   *
   * @returns the number of pairs then
   */
  add(found: number, place: number, x: number, y: number, z: number, candidates: PairCandidates, reach2: number): number
  /** The arrays, with room for `needed` pairs, the first `used` of them kept. They are others once they have grown. */
  withRoom(used: number, needed: number): Pick<PairList, 'senders' | 'geometry'>
}

export function makePairStore(): PairStore {
  let arrays = { senders: new Int32Array(0), geometry: new Float32Array(0) }
  return {
    add(found, place, x, y, z, { near, places, count }, reach2) {
      const { senders, geometry } = arrays
      for (let c = 0; c < count; c++) {
        const dx = near[3 * c] - x
        const dy = near[3 * c + 1] - y
        const dz = near[3 * c + 2] - z
        const r2 = dx * dx + dy * dy + dz * dz
        if (r2 < reach2 && places[c] !== place) {
          senders[found] = places[c]
          geometry[4 * found] = dx
          geometry[4 * found + 1] = dy
          geometry[4 * found + 2] = dz
          geometry[4 * found + 3] = Math.sqrt(r2)
          found++
        }
      }
      return found
    },
    withRoom(used, needed) {
      if (needed > arrays.senders.length) {
        const room = Math.max(2 * arrays.senders.length, needed)
        const more = { senders: new Int32Array(room), geometry: new Float32Array(4 * room) }
        more.senders.set(arrays.senders.subarray(0, used))
        more.geometry.set(arrays.geometry.subarray(0, 4 * used))
        arrays = more
      }
      return arrays
    },
  }
}
