/**
 * All pairs within a radius on a periodic box, receiver by receiver, in cell order: receiver `order[q]` has the pairs
 * `offsets[q] … offsets[q + 1]`. Senders are numbered in the same cell order, so that neighbours lie near in memory.
 * The arrays are the finder's own and live until its next call.
 */
export interface PairList {
  readonly points: number
  /** `[points]` the original index of the point at each place of the cell order */
  readonly order: Int32Array
  /** `[points + 1]` */
  readonly offsets: Int32Array
  /** Place of the sender in the cell order */
  readonly senders: Int32Array
  /** `[pairs, 4]`: displacement to the sender by minimum image (3), distance */
  readonly geometry: Float32Array
}
