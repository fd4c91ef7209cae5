/**
 * Points that may be among the k nearest, collected without order and sorted at the end: a comparison the processor
 * cannot foresee costs more than ten distances, so collecting does not compare them with each other, and sorting does
 * so seldom.
 */
export interface Candidates {
  /** squared distances, and where the points lie (slots of the tree) */
  readonly far: Float64Array
  readonly who: Int32Array
  /** more than so many are to be cut down (`cutDown`) */
  readonly limit: number
  /** `[limit + room]` the result of `nearestOf`, nearest first; k of them count */
  readonly near: Float64Array
  readonly slots: Int32Array
  readonly bins: Int32Array
  readonly binOf: Int32Array
  /** the greatest distance `cutDown` left */
  farthest: number
}

/** @param room how many may be added at once after the limit was last looked at */
export function candidates(k: number, room: number): Candidates {
  const limit = Math.ceil(2.5 * k)
  const size = limit + room + 1
  let bins = 32
  while (bins < 1.5 * k) bins *= 2
  return {
    far: new Float64Array(size),
    who: new Int32Array(size),
    limit,
    near: new Float64Array(size),
    slots: new Int32Array(size),
    bins: new Int32Array(bins + 2),
    binOf: new Int32Array(size),
    farthest: 0,
  }
}

/** Above this many in a bin (ties, crowds within a wide reach) insertion would cost the square of it. */
const mostInBin = 24

/**
 * Sorts the first `held` candidates by distance, then by index in the cloud, as far as the k-th: first into bins of
 * equal width up to `most`, the greatest distance there can be, then by insertion, which finds nearly everything in
 * place.
 */
export function nearestOf(found: Candidates, order: Int32Array, held: number, k: number, most: number): void {
  const { far, who, near, slots, bins, binOf } = found
  const count = bins.length - 2
  const scale = count / most
  bins.fill(0)
  for (let i = 0; i < held; i++) {
    // Monotone in the distance, so bins are in order; 0 / 0 and overflow come out as bin 0, all of them alike.
    const bin = (far[i] * scale) | 0
    binOf[i] = bin
    bins[bin + 1]++
  }
  let sum = 0
  let crowd = 0
  let end = held
  for (let bin = 1; bin < bins.length; bin++) {
    const here = bins[bin]
    if (sum < k) {
      crowd = Math.max(crowd, here)
      end = sum + here
    }
    bins[bin] = sum += here
  }
  if (crowd > mostInBin && end < held) {
    // A reach far too wide leaves them in few bins: once more with the few that count, within their own reach.
    const kept = cutDown(found, held, k, most)
    nearestOf(found, order, kept, k, found.farthest)
    return
  }
  for (let i = 0; i < held; i++) {
    const at = bins[binOf[i]]++
    near[at] = far[i]
    slots[at] = who[i]
  }
  if (crowd > mostInBin) {
    heapSort(near, slots, order, end)
    return
  }
  for (let i = 1; i < end; i++) {
    const distance = near[i]
    if (near[i - 1] < distance) continue
    const slot = slots[i]
    let at = i
    while (at > 0 && (near[at - 1] > distance || (near[at - 1] === distance && order[slots[at - 1]] > order[slot]))) {
      near[at] = near[at - 1]
      slots[at] = slots[at - 1]
      at--
    }
    near[at] = distance
    slots[at] = slot
  }
}

/**
 * Drops candidates that are surely not among the k nearest, and returns how many stay; `most` as in `nearestOf`. Not
 * sorted, and a few too many stay.
 */
export function cutDown(found: Candidates, held: number, k: number, most: number): number {
  const { far, who, bins, binOf } = found
  const scale = (bins.length - 2) / most
  bins.fill(0)
  for (let i = 0; i < held; i++) {
    const bin = (far[i] * scale) | 0
    binOf[i] = bin
    bins[bin]++
  }
  let last = 0
  for (let sum = bins[0]; sum < k; sum += bins[last]) last++
  let kept = 0
  let farthest = 0
  for (let i = 0; i < held; i++) {
    const distance = far[i]
    far[kept] = distance
    who[kept] = who[i]
    const isKept = binOf[i] <= last
    kept += Number(isKept)
    farthest = Math.max(farthest, isKept ? distance : 0)
  }
  found.farthest = farthest
  return kept
}

/** Ascending, in place (Williams 1964; Floyd 1964). */
function heapSort(near: Float64Array, slots: Int32Array, order: Int32Array, size: number): void {
  for (let at = (size >> 1) - 1; at >= 0; at--) siftDown(near, slots, order, size, at, near[at], slots[at])
  for (let last = size - 1; last > 0; last--) {
    const distance = near[last]
    const slot = slots[last]
    near[last] = near[0]
    slots[last] = slots[0]
    siftDown(near, slots, order, last, 0, distance, slot)
  }
}

/** Puts a point at place `at` of the heap or below it, among the first `size`. */
function siftDown(
  near: Float64Array,
  slots: Int32Array,
  order: Int32Array,
  size: number,
  at: number,
  distance: number,
  slot: number,
): void {
  const index = order[slot]
  for (;;) {
    let child = 2 * at + 1
    if (child >= size) break
    if (child + 1 < size && isFarther(near[child + 1], order[slots[child + 1]], near[child], order[slots[child]]))
      child++
    if (!isFarther(near[child], order[slots[child]], distance, index)) break
    near[at] = near[child]
    slots[at] = slots[child]
    at = child
  }
  near[at] = distance
  slots[at] = slot
}

function isFarther(distance: number, index: number, thanDistance: number, thanIndex: number): boolean {
  return distance > thanDistance || (distance === thanDistance && index > thanIndex)
}
