/** Where one parameter is drawn, in its own unit. */
export type Range = readonly [low: number, high: number]

/** Points of weighted draws on a grid. */
export interface Density1d {
  readonly x: readonly number[]
  readonly density: readonly number[]
}

/** A smoothed histogram, `[cells, cells]`, row by row along y; its sum is 1. */
export interface Density2d {
  readonly cells: number
  readonly values: Float64Array
}

const cells1d = 128
const cells2d = 64

/**
 * The density of draws within a range, by a Gaussian kernel of Silverman's width (1986, eq. 3.31). What the kernel
 * carries over the edges comes back by reflection, so that a posterior that is flat up to its prior's edge is drawn
 * flat.
 */
export function density1d(values: ArrayLike<number>, [low, high]: Range, weights?: ArrayLike<number>): Density1d {
  const counts = new Float64Array(cells1d)
  const step = (high - low) / cells1d
  let total = 0
  for (let i = 0; i < values.length; i++) {
    const cell = Math.floor((values[i] - low) / step)
    if (!(cell >= 0 && cell < cells1d)) continue
    const weight = weights?.[i] ?? 1
    counts[cell] += weight
    total += weight
  }
  const width = spreadOf(counts) * 0.9 * effective(values.length, weights) ** -0.2
  const smooth = smoothed(counts, cells1d, 1, width)
  return {
    x: Array.from({ length: cells1d }, (_, k) => low + (k + 0.5) * step),
    density: Array.from(smooth, value => value / (total * step || 1)),
  }
}

/** The joint density of two parameters, likewise. */
export function density2d(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  ranges: readonly [Range, Range],
  weights?: ArrayLike<number>,
): Density2d {
  const cells = cells2d
  const counts = new Float64Array(cells * cells)
  const [[x0, x1], [y0, y1]] = ranges
  let total = 0
  for (let i = 0; i < x.length; i++) {
    const column = Math.floor(((x[i] - x0) / (x1 - x0)) * cells)
    const row = Math.floor(((y[i] - y0) / (y1 - y0)) * cells)
    if (!(column >= 0 && column < cells && row >= 0 && row < cells)) continue
    const weight = weights?.[i] ?? 1
    counts[row * cells + column] += weight
    total += weight
  }
  // A little wider than Silverman's, whose contours follow the noise of draws
  const share = 1.15 * effective(x.length, weights) ** (-1 / 6)
  const alongX = smoothed(counts, cells, cells, spreadOf(marginal(counts, cells, 'x')) * share)
  const both = transposed(
    smoothed(transposed(alongX, cells), cells, cells, spreadOf(marginal(counts, cells, 'y')) * share),
    cells,
  )
  return { cells, values: both.map(value => value / (total || 1)) }
}

/** The densities above which lie these shares of all draws: 68% and 95% contours. */
export function levelsOf({ values }: Density2d, shares: readonly number[]): number[] {
  const descending = Float64Array.from(values).sort().reverse()
  const total = descending.reduce((a, b) => a + b, 0)
  return shares.map(share => {
    let sum = 0
    for (const value of descending) {
      sum += value
      if (sum >= share * total) return value
    }
    return 0
  })
}

/** Between what all but one draw in 400 on either side span, with some room, within the prior where it is known. */
export function rangeOf(columns: readonly ArrayLike<number>[], prior?: Range): Range {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const values of columns) {
    const ascending = Float64Array.from(values).filter(Number.isFinite).sort()
    if (ascending.length === 0) continue
    low = Math.min(low, ascending[Math.floor(0.0025 * (ascending.length - 1))])
    high = Math.max(high, ascending[Math.ceil(0.9975 * (ascending.length - 1))])
  }
  if (!(high > low)) {
    const centre = Number.isFinite(low) ? low : 0
    return [centre - 0.5, centre + 0.5]
  }
  const room = 0.04 * (high - low)
  if (!prior) return [low - room, high + room]
  return [Math.max(low - room, prior[0]), Math.min(high + room, prior[1])]
}

/** Kish's number of draws that weighted ones are worth. */
function effective(count: number, weights?: ArrayLike<number>): number {
  if (!weights) return Math.max(count, 1)
  let [sum, square] = [0, 0]
  for (let i = 0; i < weights.length; i++) {
    sum += weights[i]
    square += weights[i] ** 2
  }
  return square > 0 ? sum ** 2 / square : 1
}

function marginal(counts: Float64Array, cells: number, axis: 'x' | 'y'): Float64Array {
  const out = new Float64Array(cells)
  counts.forEach((count, i) => {
    out[axis === 'x' ? i % cells : Math.floor(i / cells)] += count
  })
  return out
}

/**
 * The smallest of the standard deviation, 0.746 times the range of the middle half, and 1.57 times the least range of a
 * quarter (where there are two modes, of one of them), in cells.
 */
function spreadOf(counts: Float64Array): number {
  let [total, mean] = [0, 0]
  counts.forEach((count, k) => {
    total += count
    mean += k * count
  })
  mean /= total || 1
  const deviation = Math.sqrt(counts.reduce((sum, count, k) => sum + count * (k - mean) ** 2, 0) / (total || 1))
  const quantile = (share: number) => {
    let sum = 0
    for (let k = 0; k < counts.length; k++) {
      if (sum + counts[k] >= share * total) return k + (counts[k] > 0 ? (share * total - sum) / counts[k] : 0)
      sum += counts[k]
    }
    return counts.length
  }
  const middle = 0.746 * (quantile(0.75) - quantile(0.25))
  const starts = Array.from({ length: 61 }, (_, k) => k / 80)
  const densest = 1.57 * Math.min(...starts.map(share => quantile(share + 0.25) - quantile(share)))
  return Math.max(0.6, Math.min(deviation, ...[middle, densest].filter(width => width > 0)))
}

/** Each row of `length` cells by a Gaussian of `width` cells, reflected at the ends. */
function smoothed(counts: Float64Array, length: number, rows: number, width: number): Float64Array {
  const reach = Math.ceil(3.5 * width)
  const kernel = Float64Array.from({ length: 2 * reach + 1 }, (_, k) => Math.exp(-0.5 * ((k - reach) / width) ** 2))
  const norm = kernel.reduce((a, b) => a + b, 0)
  const out = new Float64Array(counts.length)
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < length; k++) {
      const value = counts[row * length + k]
      if (value === 0) continue
      for (let j = -reach; j <= reach; j++)
        out[row * length + reflected(k + j, length)] += (value * kernel[j + reach]) / norm
    }
  }
  return out
}

function reflected(k: number, length: number): number {
  const place = ((k % (2 * length)) + 2 * length) % (2 * length)
  return place < length ? place : 2 * length - 1 - place
}

function transposed(values: Float64Array, cells: number): Float64Array {
  return values.map((_, i) => values[(i % cells) * cells + Math.floor(i / cells)])
}
