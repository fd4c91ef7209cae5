/** Pairs of one cloud by separation, in equal bins from 0. Counts may be means over draws, so not whole. */
export interface PairCounts {
  readonly drawn: Float64Array
  readonly simulated: Float64Array
}

export interface BalanceOptions {
  /** Of a bin, in the positions' unit */
  readonly width: number
  /** `[clouds]` of the values that the balance may depend on, the first one constant: `[1, …]` */
  readonly terms: readonly (readonly number[])[]
  /** `[clouds]` pairs per volume that uniform points would have, counted as the others are */
  readonly uniform: readonly number[]
  /** The largest change of a pair's separation, in the positions' unit */
  readonly most: number
}

/**
 * The prior of u, as standard deviations in shares of the largest u: of its constant, and of its slope in a term.
 */
const priorSd = 0.5
const priorSdOfTerm = 0.1
/** Share of a cloud's clustered pairs, those above the number of uniform points, that changes from draw to draw. */
const cosmicShare = 0.1

/**
 * How far apart the two points of a drawn pair must move, by cloud and bin of their separation, for drawn pairs to
 * become as many as simulated ones at every separation. Pairs are conserved along r: the number to pass outwards
 * through r is what is drawn too many inside it, so for each cloud
 *
 *     n(r) u(r) = D(<r) - S(<r),   n the mean of both per unit of r.
 *
 * One cloud's counts are its own fluctuation, so u is a sum of the terms, fitted to all clouds by least squares. A
 * count inside r varies by its Poisson noise and by a share of its clustered pairs: weakly clustered clouds, where both
 * are small, must not be outweighed by strongly clustered ones. A surplus that no bin can take is spread as r^3 up to
 * the last one, where u ends at 0.
 *
 * @returns `[clouds]` of `[bins]`, in the positions' unit, positive where pairs are to be pushed apart
 */
export function pairBalance(
  clouds: readonly PairCounts[],
  { width, terms, uniform, most }: BalanceOptions,
): Float64Array[] {
  const bins = clouds[0].drawn.length
  const count = terms[0].length
  const passing = clouds.map(passingOf)
  const densities = clouds.map(({ drawn, simulated }) => densityOf(drawn, simulated, width))
  const out = clouds.map(() => new Float64Array(bins))
  const inside = new Float64Array(clouds.length)
  for (let b = 0; b < bins; b++) {
    const matrix = Array.from({ length: count }, (_, i) => {
      const row = new Float64Array(count + 1)
      row[i] = 1 / (most * (i === 0 ? priorSd : priorSdOfTerm)) ** 2
      return row
    })
    for (const [c, t] of terms.entries()) {
      inside[c] += clouds[c].simulated[b]
      const clustered = inside[c] - (uniform[c] * 4 * Math.PI * ((b + 1) * width) ** 3) / 3
      const density = densities[c][b]
      const weight = density / (1 + inside[c] + (cosmicShare * clustered) ** 2)
      for (let i = 0; i < count; i++) {
        matrix[i][count] += weight * passing[c][b] * t[i]
        for (let j = 0; j < count; j++) matrix[i][j] += weight * density * t[i] * t[j]
      }
    }
    const weights = solveSmall(matrix)
    for (const [c, t] of terms.entries()) {
      const u = t.reduce((sum, value, i) => sum + value * weights[i], 0)
      out[c][b] = Math.max(-most, Math.min(most, u))
    }
  }
  return out
}

/** Pairs to pass outwards through the middle of each bin. */
function passingOf({ drawn, simulated }: PairCounts): Float64Array {
  const surplus = drawn.reduce((sum, count, b) => sum + count - simulated[b], 0)
  let inside = 0
  return drawn.map((count, b) => {
    const difference = count - simulated[b]
    inside += difference
    return inside - difference / 2 - surplus * ((b + 0.5) / drawn.length) ** 3
  })
}

/** Mean of both counts per unit of r, over a bin and the two beside it. */
function densityOf(drawn: Float64Array, simulated: Float64Array, width: number): Float64Array {
  return drawn.map((_, b) => {
    let sum = 0
    let over = 0
    for (let a = Math.max(0, b - 1); a <= Math.min(drawn.length - 1, b + 1); a++, over++) sum += drawn[a] + simulated[a]
    return sum / 2 / over / width
  })
}

/** Gauss's elimination of a positive definite `[n, n + 1]`, in place. */
function solveSmall(matrix: readonly Float64Array[]): Float64Array {
  const n = matrix.length
  for (let i = 0; i < n; i++)
    for (let k = i + 1; k < n; k++) {
      const factor = matrix[k][i] / matrix[i][i]
      for (let j = i; j <= n; j++) matrix[k][j] -= factor * matrix[i][j]
    }
  const x = new Float64Array(n)
  for (let i = n - 1; i >= 0; i--) {
    let sum = matrix[i][n]
    for (let j = i + 1; j < n; j++) sum -= matrix[i][j] * x[j]
    x[i] = sum / matrix[i][i]
  }
  return x
}
