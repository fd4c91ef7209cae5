/** Constants of the conditions under which a cell joins a halo, and two halos become one. */
export interface FragmentOptions {
  /** accretion: closer to the centre than accretion * N^exponent cells */
  readonly accretion: number
  /** merging of two halos: centres closer than merging * N^exponent cells of the larger */
  readonly merging: number
  readonly exponent: number
}

export interface Groups {
  readonly count: number
  /** `[count]` number of cells, most first */
  readonly sizes: Int32Array
  /** `[count, 3]` mean of the cells' initial positions, in cells; may lie outside of the grid */
  readonly centres: Float64Array
  /** `[count, 6]` mean first- and second-order displacement */
  readonly displacements: Float64Array
}

/** Labels of cells: not collapsed yet, collapsed but of no halo, and from 2 up the halo founded as label - 2. */
const [empty, filament, firstHalo] = [0, 1, 2]

/**
 * Halos out of collapsed cells after PINOCCHIO (Monaco, Theuns and Taffoni 2002, arXiv astro-ph/0109323, section 3;
 * Monaco et al. 2013, arXiv 1305.1505): cells are taken in the order in which they collapse. One without collapsed neighbours
 * founds a halo. One that touches halos joins the nearest (in units of its radius) if, moved to that time, it lies within the
 * halo's radius; two halos that a cell touches merge if their centres lie within the radius of the larger. A cell that joins none
 * is of a filament, and joins a halo when a neighbour of it does.
 *
 * @param collapse     `[n^3]` 1/b of each cell (collapse.ts)
 * @param displacement `[n^3, 6]` first and second order, in cells, at unit growth
 */
export function fragment(n: number, collapse: Float32Array, displacement: Float32Array, options: FragmentOptions): Groups {
  const order = collapsedCells(collapse)
  const labels = new Int32Array(n ** 3)
  const halos = new GrowingHalos(n, displacement)
  const around = new Int32Array(6)
  const touched = new Int32Array(6)
  const accretion = squaredReach(options.accretion, options.exponent)
  const merging = squaredReach(options.merging, options.exponent)
  for (const cell of order) {
    neighbours(cell, n, around)
    let collapsed = 0
    let count = 0
    for (let i = 0; i < 6; i++) {
      const label = labels[around[i]]
      if (label === empty) continue
      collapsed++
      if (label === filament) continue
      const halo = halos.root(label - firstHalo)
      let known = false
      for (let j = 0; j < count; j++) known ||= touched[j] === halo
      if (!known) touched[count++] = halo
    }
    if (collapsed === 0) {
      labels[cell] = firstHalo + halos.found(cell)
      continue
    }
    labels[cell] = filament
    if (count === 0) continue
    const growth = 1 / collapse[cell]
    for (let i = 0; i < count; i++)
      for (let j = i + 1; j < count; j++) {
        const [a, b] = [touched[i], touched[j]]
        if (a < 0 || b < 0) continue
        const reach = merging(Math.max(halos.sizeOf(a), halos.sizeOf(b)))
        if (halos.separation(a, b, growth) > reach) continue
        touched[i] = halos.merge(a, b)
        touched[j] = -1
      }
    let nearest = -1
    let least = 1
    for (let i = 0; i < count; i++) {
      const halo = touched[i]
      if (halo < 0) continue
      const ratio = halos.distance(halo, cell, growth) / accretion(halos.sizeOf(halo))
      if (ratio < least) {
        least = ratio
        nearest = halo
      }
    }
    if (nearest < 0) continue
    halos.add(nearest, cell)
    labels[cell] = firstHalo + nearest
    for (let i = 0; i < 6; i++) {
      if (labels[around[i]] !== filament) continue
      halos.add(nearest, around[i])
      labels[around[i]] = firstHalo + nearest
    }
  }
  return halos.groups()
}

/** (factor N^exponent)^2, looked up for the sizes of nearly all halos. */
function squaredReach(factor: number, exponent: number): (size: number) => number {
  const of = (size: number) => (factor * size ** exponent) ** 2
  const table = Float64Array.from({ length: 1024 }, (_, size) => of(size))
  return size => (size < table.length ? table[size] : of(size))
}

/** Cells that have collapsed by today (1/b >= 1), the first to collapse first: a radix sort of the bits, as positive floats sort by them. */
function collapsedCells(collapse: Float32Array): Int32Array {
  const bits = new Uint32Array(collapse.buffer, collapse.byteOffset, collapse.length)
  const one = 0x3f800000
  let count = 0
  for (let i = 0; i < bits.length; i++) if (collapse[i] >= 1) count++
  let from = new Int32Array(count)
  for (let i = 0, at = 0; i < bits.length; i++) if (collapse[i] >= 1) from[at++] = i
  let to = new Int32Array(count)
  for (const shift of [0, 14]) {
    const starts = new Int32Array(2 ** 14 + 1)
    // complement: descending
    const digit = (cell: number) => 0x3fff - (((bits[cell] - one) >>> shift) & 0x3fff)
    for (let i = 0; i < count; i++) starts[digit(from[i]) + 1]++
    for (let i = 0; i < 2 ** 14; i++) starts[i + 1] += starts[i]
    for (let i = 0; i < count; i++) to[starts[digit(from[i])]++] = from[i]
    const held = from
    from = to
    to = held
  }
  return from
}

function neighbours(cell: number, n: number, out: Int32Array): void {
  const rest = (cell / n) | 0
  const x = (rest / n) | 0
  const y = rest - x * n
  const z = cell - rest * n
  const plane = n * n
  out[0] = x > 0 ? cell - plane : cell + (n - 1) * plane
  out[1] = x < n - 1 ? cell + plane : cell - (n - 1) * plane
  out[2] = y > 0 ? cell - n : cell + (n - 1) * n
  out[3] = y < n - 1 ? cell + n : cell - (n - 1) * n
  out[4] = z > 0 ? cell - 1 : cell + n - 1
  out[5] = z < n - 1 ? cell + 1 : cell - n + 1
}

/** A halo's record: its founding cell (3), number of cells (1), and sums over cells of offset from the founder (3), first- (3) and second-order displacement (3). */
const width = 16
const [sizeAt, offsetAt, firstAt, secondAt] = [3, 4, 7, 10]

/** Halos that grow and merge; a merged one points to the one that took it in. Lengths in cells. */
class GrowingHalos {
  private count = 0
  private parents = new Int32Array(1 << 16)
  private records = new Float64Array(width << 16)
  private readonly cell = new Float64Array(3)

  constructor(
    private readonly n: number,
    private readonly displacement: Float32Array,
  ) {}

  root(halo: number): number {
    const { parents } = this
    let at = halo
    while (parents[at] !== at) {
      parents[at] = parents[parents[at]]
      at = parents[at]
    }
    return at
  }

  sizeOf(halo: number): number {
    return this.records[halo * width + sizeAt]
  }

  found(cell: number): number {
    if (this.count === this.parents.length) this.grow()
    const halo = this.count++
    this.parents[halo] = halo
    this.locate(cell)
    this.records.set(this.cell, halo * width)
    this.add(halo, cell)
    return halo
  }

  add(halo: number, cell: number): void {
    const { records, displacement, n } = this
    const at = halo * width
    this.locate(cell)
    records[at + sizeAt]++
    for (let axis = 0; axis < 3; axis++) {
      records[at + offsetAt + axis] += shorter(this.cell[axis] - records[at + axis], n)
      records[at + firstAt + axis] += displacement[cell * 6 + axis]
      records[at + secondAt + axis] += displacement[cell * 6 + 3 + axis]
    }
  }

  /** The larger takes in the smaller; returns it. */
  merge(a: number, b: number): number {
    const [kept, gone] = this.sizeOf(a) >= this.sizeOf(b) ? [a, b] : [b, a]
    const { records, n } = this
    const [to, from] = [kept * width, gone * width]
    for (let axis = 0; axis < 3; axis++)
      records[to + offsetAt + axis] += records[from + sizeAt] * shorter(records[from + axis] - records[to + axis], n)
    for (let i = sizeAt; i < secondAt + 3; i++) records[to + i] += records[from + i]
    this.parents[gone] = kept
    return kept
  }

  /** Squared distance of two halos' centres at a growth factor. */
  separation(a: number, b: number, growth: number): number {
    const { records, n } = this
    let sum = 0
    for (let axis = 0; axis < 3; axis++) {
      const apart = shorter(records[a * width + axis] - records[b * width + axis], n)
      const d = apart + this.centre(a, axis, growth) - this.centre(b, axis, growth)
      sum += d * d
    }
    return sum
  }

  /** Squared distance of a cell from a halo's centre at a growth factor. */
  distance(halo: number, cell: number, growth: number): number {
    const { records, displacement, n } = this
    this.locate(cell)
    let sum = 0
    for (let axis = 0; axis < 3; axis++) {
      const at = cell * 6 + axis
      const moved = growth * (displacement[at] + growth * displacement[at + 3])
      const d = shorter(this.cell[axis] - records[halo * width + axis], n) + moved - this.centre(halo, axis, growth)
      sum += d * d
    }
    return sum
  }

  groups(): Groups {
    const { parents, records } = this
    const roots: number[] = []
    for (let halo = 0; halo < this.count; halo++) if (parents[halo] === halo) roots.push(halo)
    roots.sort((a, b) => this.sizeOf(b) - this.sizeOf(a) || a - b)
    const centres = new Float64Array(roots.length * 3)
    const displacements = new Float64Array(roots.length * 6)
    roots.forEach((halo, i) => {
      const at = halo * width
      const size = records[at + sizeAt]
      for (let axis = 0; axis < 3; axis++) centres[i * 3 + axis] = records[at + axis] + records[at + offsetAt + axis] / size
      for (let j = 0; j < 6; j++) displacements[i * 6 + j] = records[at + firstAt + j] / size
    })
    return { count: roots.length, sizes: Int32Array.from(roots, halo => this.sizeOf(halo)), centres, displacements }
  }

  /** Centre of a halo from its founding cell along an axis, at a growth factor. */
  private centre(halo: number, axis: number, growth: number): number {
    const at = halo * width + axis
    const { records } = this
    const moved = records[at + offsetAt] + growth * (records[at + firstAt] + growth * records[at + secondAt])
    return moved / records[halo * width + sizeAt]
  }

  private locate(cell: number): void {
    const { n } = this
    const rest = (cell / n) | 0
    const x = (rest / n) | 0
    this.cell[0] = x
    this.cell[1] = rest - x * n
    this.cell[2] = cell - rest * n
  }

  private grow(): void {
    const { parents, records } = this
    this.parents = new Int32Array(2 * parents.length)
    this.parents.set(parents)
    this.records = new Float64Array(2 * records.length)
    this.records.set(records)
  }
}

/** The shorter way around a grid. */
function shorter(d: number, n: number): number {
  return d > n / 2 ? d - n : d < -n / 2 ? d + n : d
}
