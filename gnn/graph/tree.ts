import type { Box } from '../../core/index.js'

/**
 * A balanced k-d tree with buckets, for clouds of any clustering: every split halves the points along the widest axis
 * of their bounding box, so a crowded halo gets as many small buckets as its points need (a grid of equal cells would
 * not).
 *
 * The tree is complete: node n has children 2n + 1 and 2n + 2, and the last `leaves` nodes are the buckets, from left
 * to right. A *slot* is a place in the sorted arrays; bucket b owns the slots `starts[b] … starts[b + 1]`. Two
 * dimensions are stored as three with z = 0.
 */
export interface Tree {
  readonly points: number
  readonly dim: number
  /** `[3]` period of each axis, Infinity where it is open */
  readonly periods: Float64Array
  readonly leaves: number
  /** `[leaves + 1]` */
  readonly starts: Int32Array
  /** `[nodes, 6]` tight bounds: low x, high x, low y, high y, low z, high z */
  readonly bounds: Float64Array
  /** `[nodes]` the least index in each node, by which exact ties are cut off */
  readonly leastIndex: Int32Array
  /** `[points]` the index in the cloud of the point in each slot */
  readonly order: Int32Array
  /** `[points]` positions by slot, an array an axis */
  readonly axes: readonly [Float64Array, Float64Array, Float64Array]
}

/**
 * @param positions     flat `[points, dim]`; checked (`checkedPointCount`)
 * @param box           2 or 3 axes, a length or null each
 * @param mostPerBucket a bucket holds at most so many points, and at least half as many
 */
export function tree(positions: Float32Array, box: Box, mostPerBucket = 8): Tree {
  const dim = box.length
  const points = positions.length / dim
  let leaves = 1
  while (leaves * mostPerBucket < points) leaves *= 2
  const axes: [Float64Array, Float64Array, Float64Array] = [
    new Float64Array(points),
    new Float64Array(points),
    new Float64Array(points),
  ]
  const order = new Int32Array(points)
  for (let i = 0; i < points; i++) {
    order[i] = i
    for (let axis = 0; axis < dim; axis++) axes[axis][i] = positions[i * dim + axis]
  }
  const starts = new Int32Array(leaves + 1)
  const bounds = new Float64Array((2 * leaves - 1) * 6)
  const leastIndex = new Int32Array(2 * leaves - 1)
  const periods = Float64Array.from([0, 1, 2], axis => box[axis] ?? Infinity)
  const made: Tree = { points, dim, periods, leaves, starts, bounds, leastIndex, order, axes }
  // Level by level: the range of a node follows from its place in the level, so nothing is kept of the recursion.
  for (let width = 1; width < leaves; width *= 2) {
    for (let place = 0; place < width; place++) {
      const from = Math.floor((points * place) / width)
      const end = Math.floor((points * (place + 1)) / width)
      splitAt(made, widestAxis(axes, from, end), from, Math.floor((points * (2 * place + 1)) / (2 * width)), end - 1)
    }
  }
  for (let leaf = 0; leaf < leaves; leaf++) starts[leaf + 1] = Math.floor((points * (leaf + 1)) / leaves)
  for (let node = 2 * leaves - 2; node >= 0; node--) {
    if (node >= leaves - 1) boundLeaf(made, node)
    else boundParent(made, node)
  }
  return made
}

function boundLeaf({ axes, order, bounds, leastIndex, starts, leaves }: Tree, node: number): void {
  const from = starts[node - leaves + 1]
  const end = starts[node - leaves + 2]
  for (let axis = 0; axis < 3; axis++) {
    writeExtent(axes[axis], from, end, 1, bounds, node * 6 + axis * 2)
  }
  let least = 0x7fffffff
  for (let slot = from; slot < end; slot++) if (order[slot] < least) least = order[slot]
  leastIndex[node] = least
}

function boundParent({ bounds, leastIndex }: Tree, node: number): void {
  const left = 2 * node + 1
  for (let at = 0; at < 6; at += 2) {
    bounds[node * 6 + at] = Math.min(bounds[left * 6 + at], bounds[left * 6 + 6 + at])
    bounds[node * 6 + at + 1] = Math.max(bounds[left * 6 + at + 1], bounds[left * 6 + 7 + at])
  }
  leastIndex[node] = Math.min(leastIndex[left], leastIndex[left + 1])
}

/** Of a sample of some 50 points: a good choice of axis makes the search fast, any choice leaves it right. */
function widestAxis(axes: Tree['axes'], from: number, end: number): number {
  const stride = Math.max(1, Math.floor((end - from) / 50))
  let widest = -1
  let chosen = 0
  for (let axis = 0; axis < 3; axis++) {
    writeExtent(axes[axis], from, end, stride, extent, 0)
    const width = extent[1] - extent[0]
    if (width > widest) {
      widest = width
      chosen = axis
    }
  }
  return chosen
}

const extent = new Float64Array(2)

/** Writes the least and the greatest of every `stride`-th number from `from` to before `end`. */
function writeExtent(
  along: Float64Array,
  from: number,
  end: number,
  stride: number,
  out: Float64Array,
  at: number,
): void {
  let low = Infinity
  let high = -Infinity
  for (let slot = from; slot < end; slot += stride) {
    const x = along[slot]
    if (x < low) low = x
    if (x > high) high = x
  }
  out[at] = low
  out[at + 1] = high
}

/**
 * Quickselect (Hoare 1961) with the median of three: afterwards every slot before `middle` is below it, by position
 * along the axis and then by index. The index keeps points at one place in order and the cost linear however many share
 * it.
 */
function splitAt(made: Tree, axis: number, from: number, middle: number, last: number): void {
  const { order } = made
  const key = made.axes[axis]
  const second = made.axes[(axis + 1) % 3]
  const third = made.axes[(axis + 2) % 3]
  let low = from
  let high = last
  while (high > low) {
    const centre = (low + high) >> 1
    if (isBelow(key, order, high, low)) swap(key, second, third, order, high, low)
    if (isBelow(key, order, centre, low)) swap(key, second, third, order, centre, low)
    if (isBelow(key, order, high, centre)) swap(key, second, third, order, high, centre)
    const pivot = key[centre]
    const pivotIndex = order[centre]
    let i = low
    let j = high
    while (i <= j) {
      while (key[i] < pivot || (key[i] === pivot && order[i] < pivotIndex)) i++
      while (key[j] > pivot || (key[j] === pivot && order[j] > pivotIndex)) j--
      if (i <= j) {
        swap(key, second, third, order, i, j)
        i++
        j--
      }
    }
    if (middle <= j) high = j
    else if (middle >= i) low = i
    else return
  }
}

function isBelow(key: Float64Array, order: Int32Array, a: number, b: number): boolean {
  return key[a] < key[b] || (key[a] === key[b] && order[a] < order[b])
}

function swap(
  key: Float64Array,
  second: Float64Array,
  third: Float64Array,
  order: Int32Array,
  a: number,
  b: number,
): void {
  const x = key[a]
  key[a] = key[b]
  key[b] = x
  const y = second[a]
  second[a] = second[b]
  second[b] = y
  const z = third[a]
  third[a] = third[b]
  third[b] = z
  const index = order[a]
  order[a] = order[b]
  order[b] = index
}
