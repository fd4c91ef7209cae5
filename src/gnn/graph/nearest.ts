/**
 * The k nearest found so far, by distance and then by index in the cloud. `near` holds squared distances, `slots` where the
 * points lie, `order` gives a slot's index. Each function takes how many are held and returns how many are held then.
 */

/** Keeps `near` ascending; the one to use for small k. */
export function insertSorted(
  near: Float64Array,
  slots: Int32Array,
  order: Int32Array,
  held: number,
  distance: number,
  slot: number,
): number {
  const full = held === near.length
  let at = full ? held - 1 : held
  while (at > 0 && near[at - 1] > distance) {
    near[at] = near[at - 1]
    slots[at] = slots[at - 1]
    at--
  }
  while (at > 0 && near[at - 1] === distance && order[slots[at - 1]] > order[slot]) {
    near[at] = near[at - 1]
    slots[at] = slots[at - 1]
    at--
  }
  near[at] = distance
  slots[at] = slot
  return full ? held : held + 1
}

/** Keeps the farthest on top of a binary heap (Williams 1964); the one to use for large k. Finish with `sortHeap`. */
export function insertHeap(
  near: Float64Array,
  slots: Int32Array,
  order: Int32Array,
  held: number,
  distance: number,
  slot: number,
): number {
  if (held === near.length) {
    siftDown(near, slots, order, held, distance, slot)
    return held
  }
  let at = held
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (isFarther(near[parent], order[slots[parent]], distance, order[slot])) break
    near[at] = near[parent]
    slots[at] = slots[parent]
    at = parent
  }
  near[at] = distance
  slots[at] = slot
  return held + 1
}

/** Turns the heap into ascending order, in place. */
export function sortHeap(near: Float64Array, slots: Int32Array, order: Int32Array): void {
  for (let last = near.length - 1; last > 0; last--) {
    const distance = near[last]
    const slot = slots[last]
    near[last] = near[0]
    slots[last] = slots[0]
    siftDown(near, slots, order, last, distance, slot)
  }
}

/** Takes the top's place with this point, among the first `size`. */
function siftDown(
  near: Float64Array,
  slots: Int32Array,
  order: Int32Array,
  size: number,
  distance: number,
  slot: number,
): void {
  const index = order[slot]
  let at = 0
  for (;;) {
    let child = 2 * at + 1
    if (child >= size) break
    if (child + 1 < size && isFarther(near[child + 1], order[slots[child + 1]], near[child], order[slots[child]])) child++
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
