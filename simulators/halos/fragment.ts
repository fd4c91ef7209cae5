/** Constants of the conditions under which a cell joins a halo, and two halos become one. */
export interface FragmentOptions {
  /** accretion: closer to the centre than accretion * N^exponent cells */
  readonly accretion: number
  /** merging of two halos: centres closer than merging * N^exponent cells of the larger */
  readonly merging: number
  readonly exponent: number
  /**
   * Displacements scatter more where the field is rough: the reach of accretion grows by `rise` cells for each unit of
   * D sigma above `calm`.
   */
  readonly rise: number
  readonly calm: number
  /** standard deviation of the linear density of the cells, today */
  readonly sigma: number
}

export interface FragmentRequest {
  readonly n: number
  /** `[n^3]` 1/b of each cell (collapse.ts) */
  readonly collapse: Float32Array
  /** `[n^3, 9]` of first, second and third order, in cells, today */
  readonly displacement: Float32Array
  readonly options: FragmentOptions
  /** Halos founded in planes `from` to `to` of x alone; without it, all. */
  readonly planes?: readonly [number, number]
  /** at most so many halos are kept, the heaviest */
  readonly most: number
}

export interface Groups {
  readonly count: number
  /** `[count]` number of cells, most first */
  readonly sizes: Int32Array
  /** `[count, 3]` mean of the cells' initial positions, in cells; may lie outside of the grid */
  readonly centres: Float64Array
  /** `[count, 9]` mean displacement of first, second and third order */
  readonly displacements: Float64Array
}

/** Labels of cells: not collapsed yet, collapsed but of no halo, and from 2 up the halo founded as label - 2. */
const [empty, filament, firstHalo] = [0, 1, 2]

/**
 * Halos out of collapsed cells after PINOCCHIO (Monaco, Theuns and Taffoni 2002, arXiv astro-ph/0109323, section 3;
 * Monaco et al. 2013, arXiv 1305.1505): cells are taken in the order in which they collapse. One without collapsed
 * neighbours founds a halo. One that touches halos joins the nearest (in units of its radius) if, moved to that time,
 * it lies within the halo's radius; two halos that a cell touches merge if their centres lie within the radius of the
 * larger. A cell that joins none is of a filament, and joins a halo when a neighbour of it does.
 *
 * What happens is local: with `planes` the cells of some planes around are taken too, and halos that belong to other
 * planes are omitted.
 */
export function fragment({ n, collapse, displacement, options, planes = [0, n], most }: FragmentRequest): Groups {
  const { order, moments } = collapsedCells(n, collapse, planes)
  const labels = new Int32Array(n ** 3)
  const halos = new GrowingHalos(n, displacement)
  const around = new Int32Array(6)
  const touched = new Int32Array(6)
  const power = powers(options.exponent)
  const { accretion, merging, rise, calm, sigma } = options
  for (let rank = 0; rank < order.length; rank++) {
    const cell = order[rank]
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
    const growth = 1 / moments[rank]
    const more = rise * Math.max(0, growth * sigma - calm)
    for (let i = 0; i < count; i++)
      for (let j = i + 1; j < count; j++) {
        const a = touched[i]
        const b = touched[j]
        if (a < 0 || b < 0) continue
        const reach = merging * power(Math.max(halos.sizeOf(a), halos.sizeOf(b)))
        if (halos.separation(a, b, growth) > reach * reach) continue
        touched[i] = halos.merge(a, b)
        touched[j] = -1
      }
    let nearest = -1
    let least = 1
    for (let i = 0; i < count; i++) {
      const halo = touched[i]
      if (halo < 0) continue
      const reach = accretion * power(halos.sizeOf(halo)) + more
      const ratio = halos.distance(halo, cell, growth) / (reach * reach)
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
  return halos.groups(planes, most)
}

/** N^exponent, looked up for the sizes of nearly all halos. */
function powers(exponent: number): (size: number) => number {
  const table = Float64Array.from({ length: 1024 }, (_, size) => size ** exponent)
  return size => (size < table.length ? table[size] : size ** exponent)
}

/** Further planes on both sides: some four radii of the largest halos' patches on cells of 5 Mpc/h. */
const margin = 10

/**
 * Cells that have collapsed by today (1/b >= 1), the first to collapse first: a radix sort of the bits, as positive
 * floats sort by them.
 */
function collapsedCells(
  n: number,
  collapse: Float32Array,
  [first, end]: readonly [number, number],
): { readonly order: Int32Array; readonly moments: Float32Array } {
  const bits = new Uint32Array(collapse.buffer, collapse.byteOffset, collapse.length)
  const one = 0x3f800000
  const most = 0xfffffff
  const begin = first - margin
  const planes = Math.min(n, end + margin - begin)
  const startOf = (plane: number) => ((((begin + plane) % n) + n) % n) * n * n
  let count = 0
  for (let i = 0; i < planes; i++) {
    const start = startOf(i)
    for (let cell = start; cell < start + n * n; cell++) if (collapse[cell] >= 1) count++
  }
  let cells = new Int32Array(count)
  // 28 bits, the complement for descending order
  let keys = new Uint32Array(count)
  for (let i = 0, at = 0; i < planes; i++) {
    const start = startOf(i)
    for (let cell = start; cell < start + n * n; cell++) {
      if (collapse[cell] < 1) continue
      cells[at] = cell
      keys[at++] = most - (bits[cell] - one)
    }
  }
  let nextCells = new Int32Array(count)
  let nextKeys = new Uint32Array(count)
  for (let shift = 0; shift < 28; shift += 14) {
    const starts = new Int32Array(2 ** 14 + 1)
    for (let i = 0; i < count; i++) starts[((keys[i] >>> shift) & 0x3fff) + 1]++
    for (let i = 0; i < 2 ** 14; i++) starts[i + 1] += starts[i]
    for (let i = 0; i < count; i++) {
      const to = starts[(keys[i] >>> shift) & 0x3fff]++
      nextCells[to] = cells[i]
      nextKeys[to] = keys[i]
    }
    const heldCells = cells
    const heldKeys = keys
    cells = nextCells
    keys = nextKeys
    nextCells = heldCells
    nextKeys = heldKeys
  }
  for (let i = 0; i < count; i++) keys[i] = most - keys[i] + one
  return { order: cells, moments: new Float32Array(keys.buffer) }
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

/**
 * A halo's record: its founding cell (3), number of cells (1), and sums over cells of offset from the founder (3) and
 * displacements of the three orders (9).
 */
const width = 16
const [sizeAt, offsetAt, firstAt] = [3, 4, 7]

/** Halos that grow and merge; a merged one points to the one that took it in. Lengths in cells. */
class GrowingHalos {
  private count = 0
  private parents = new Int32Array(1 << 16)
  private records = new Float64Array(width << 16)

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
    const n = this.n
    const rest = (cell / n) | 0
    const x = (rest / n) | 0
    this.records[halo * width] = x
    this.records[halo * width + 1] = rest - x * n
    this.records[halo * width + 2] = cell - rest * n
    this.add(halo, cell)
    return halo
  }

  add(halo: number, cell: number): void {
    const { records } = this
    const displacement = this.displacement
    const n = this.n
    const at = halo * width
    const rest = (cell / n) | 0
    const x = (rest / n) | 0
    records[at + sizeAt]++
    records[at + offsetAt] += shorter(x - records[at], n)
    records[at + offsetAt + 1] += shorter(rest - x * n - records[at + 1], n)
    records[at + offsetAt + 2] += shorter(cell - rest * n - records[at + 2], n)
    for (let i = 0; i < 9; i++) records[at + firstAt + i] += displacement[cell * 9 + i]
  }

  /** The larger takes in the smaller; returns it. */
  merge(a: number, b: number): number {
    const kept = this.sizeOf(a) >= this.sizeOf(b) ? a : b
    const gone = kept === a ? b : a
    const { records, n } = this
    const to = kept * width
    const from = gone * width
    for (let axis = 0; axis < 3; axis++)
      records[to + offsetAt + axis] += records[from + sizeAt] * shorter(records[from + axis] - records[to + axis], n)
    for (let i = sizeAt; i < width; i++) records[to + i] += records[from + i]
    this.parents[gone] = kept
    return kept
  }

  /** Squared distance of two halos' centres at a growth factor. */
  separation(a: number, b: number, growth: number): number {
    const { records, n } = this
    let sum = 0
    for (let axis = 0; axis < 3; axis++) {
      const apart = shorter(records[a * width + axis] - records[b * width + axis], n)
      const d = apart + this.centre(a * width, axis, growth) - this.centre(b * width, axis, growth)
      sum += d * d
    }
    return sum
  }

  /** Squared distance of a cell from a halo's centre at a growth factor. */
  distance(halo: number, cell: number, growth: number): number {
    const n = this.n
    const rest = (cell / n) | 0
    const x = (rest / n) | 0
    const dx = this.along(halo * width, 0, x, cell, growth)
    const dy = this.along(halo * width, 1, rest - x * n, cell, growth)
    const dz = this.along(halo * width, 2, cell - rest * n, cell, growth)
    return dx * dx + dy * dy + dz * dz
  }

  groups([from, to]: readonly [number, number], most: number): Groups {
    const { parents, records } = this
    const all: number[] = []
    for (let halo = 0; halo < this.count; halo++) {
      const plane = records[halo * width]
      if (parents[halo] === halo && plane >= from && plane < to) all.push(halo)
    }
    const roots = all.sort((a, b) => this.sizeOf(b) - this.sizeOf(a) || a - b).slice(0, most)
    const centres = new Float64Array(roots.length * 3)
    const displacements = new Float64Array(roots.length * 9)
    roots.forEach((halo, i) => {
      const at = halo * width
      const size = records[at + sizeAt]
      for (let axis = 0; axis < 3; axis++)
        centres[i * 3 + axis] = records[at + axis] + records[at + offsetAt + axis] / size
      for (let j = 0; j < 9; j++) displacements[i * 9 + j] = records[at + firstAt + j] / size
    })
    return { count: roots.length, sizes: Int32Array.from(roots, halo => this.sizeOf(halo)), centres, displacements }
  }

  private along(at: number, axis: number, coordinate: number, cell: number, growth: number): number {
    const displacement = this.displacement
    const i = cell * 9 + axis
    const moved = growth * (displacement[i] + growth * (displacement[i + 3] + growth * displacement[i + 6]))
    return shorter(coordinate - this.records[at + axis], this.n) + moved - this.centre(at, axis, growth)
  }

  /** Centre of the halo at this record from its founding cell along an axis, at a growth factor. */
  private centre(at: number, axis: number, growth: number): number {
    const records = this.records
    const i = at + firstAt + axis
    const moved = growth * (records[i] + growth * (records[i + 3] + growth * records[i + 6]))
    return (records[at + offsetAt + axis] + moved) / records[at + sizeAt]
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

/** Groups of several ranges of planes as one list, most cells first; equal ones in the order of the ranges. */
export function joined(parts: readonly Groups[], most: number): Groups {
  const all = parts.flatMap((part, at) => Array.from(part.sizes, (size, i) => ({ size, at, i })))
  all.sort((a, b) => b.size - a.size || a.at - b.at || a.i - b.i)
  const kept = all.slice(0, most)
  const gather = (width: number, of: (part: Groups) => Float64Array) => {
    const out = new Float64Array(kept.length * width)
    kept.forEach(({ at, i }, row) => {
      out.set(of(parts[at]).subarray(i * width, (i + 1) * width), row * width)
    })
    return out
  }
  return {
    count: kept.length,
    sizes: Int32Array.from(kept, ({ size }) => size),
    centres: gather(3, part => part.centres),
    displacements: gather(9, part => part.displacements),
  }
}
