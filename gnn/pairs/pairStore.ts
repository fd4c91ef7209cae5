import type { PairList } from './pairs.js'

/** Arrays for pairs whose number is known only when all are found; they grow and are used again. */
export interface PairStore {
  /** The arrays, with room for `needed` pairs, the first `used` of them kept. They are others once they have grown. */
  withRoom(used: number, needed: number): Pick<PairList, 'senders' | 'geometry'>
}

export function makePairStore(): PairStore {
  let arrays = { senders: new Int32Array(0), geometry: new Float32Array(0) }
  return {
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
