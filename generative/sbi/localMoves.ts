import { cholesky, momentsOf, solveLower, timesLower } from '../posterior/cholesky.js'
import type { RandomStream } from '../posterior/randomStream.js'
import { rowsAt } from '../posterior/resample.js'

/**
 * A proposal for every row, and the logarithm of the factor that the ratio of densities is multiplied with in the
 * acceptance.
 */
export interface Moves {
  propose(rows: Float64Array, size: number, random: RandomStream): { proposals: Float64Array; factors: Float64Array }
}

/** Rows that the parts are found by, rounds of that, and rows a part has at least (times dim). */
const LOOKED_AT = 4000
const ROUNDS = 8
const FEWEST = 12
const MOST_PARTS = 24

interface Part {
  readonly centre: Float64Array
  readonly lower: Float64Array
  readonly logDet: number
}

/**
 * Random walks with the covariance of the neighbourhood: points are parted by their nearest centre (k-means of the
 * population as it is), and a step from a point has the covariance of its part, so that narrow modes and wide ones are
 * walked through alike. Steps that leave a part come with the ratio of both parts' densities, which keeps detailed
 * balance. The population that shaped the parts must not shape them again while they are used.
 */
export function localMoves(population: Float64Array, dim: number, random: RandomStream): Moves {
  const count = population.length / dim
  const looked = Math.min(LOOKED_AT, count)
  const sample = rowsAt(
    population,
    dim,
    Int32Array.from({ length: looked }, () => random.integer(count)),
  )
  const deviations = deviationsOf(sample, dim)
  const parts = partsOf(
    sample,
    dim,
    deviations,
    Math.max(1, Math.min(MOST_PARTS, Math.floor(looked / (8 * FEWEST * dim)))),
    random,
  )
  const scratch = new Float64Array(dim)
  const partOf = (rows: Float64Array, row: number): Part => parts[nearest(parts, rows, row, dim, deviations)]
  return {
    propose(rows, size, random) {
      const proposals = new Float64Array(rows.length)
      const factors = new Float64Array(rows.length / dim)
      const noise = new Float64Array(dim)
      for (let row = 0; row < factors.length; row++) {
        const here = partOf(rows, row)
        let square = 0
        for (let i = 0; i < dim; i++) {
          noise[i] = random.normal()
          square += noise[i] ** 2
        }
        timesLower(here.lower, noise, scratch)
        for (let i = 0; i < dim; i++) proposals[row * dim + i] = rows[row * dim + i] + size * scratch[i]
        const there = partOf(proposals, row)
        if (there === here) continue
        solveLower(there.lower, scratch, noise)
        const back = noise.reduce((sum, e) => sum + e * e, 0)
        factors[row] = here.logDet - there.logDet - 0.5 * (back - square)
      }
      return { proposals, factors }
    },
  }
}

function deviationsOf(rows: Float64Array, dim: number): Float64Array {
  const { covariance } = momentsOf(rows, dim)
  return Float64Array.from({ length: dim }, (_, i) => Math.sqrt(Math.max(covariance[i * dim + i], 1e-24)))
}

function nearest(
  parts: readonly { readonly centre: Float64Array }[],
  rows: Float64Array,
  row: number,
  dim: number,
  deviations: Float64Array,
): number {
  let [best, at] = [Number.POSITIVE_INFINITY, 0]
  for (let k = 0; k < parts.length; k++) {
    let square = 0
    for (let i = 0; i < dim; i++) square += ((rows[row * dim + i] - parts[k].centre[i]) / deviations[i]) ** 2
    if (square < best) {
      best = square
      at = k
    }
  }
  return at
}

function partsOf(
  rows: Float64Array,
  dim: number,
  deviations: Float64Array,
  count: number,
  random: RandomStream,
): Part[] {
  const n = rows.length / dim
  let centres: { centre: Float64Array }[] = Array.from({ length: count }, () => {
    const row = random.integer(n)
    return { centre: rows.slice(row * dim, (row + 1) * dim) }
  })
  let members: number[][] = []
  for (let round = 0; round < ROUNDS; round++) {
    members = centres.map(() => [])
    for (let row = 0; row < n; row++) members[nearest(centres, rows, row, dim, deviations)].push(row)
    // Parts with few rows go to their neighbours.
    const kept = members.filter(of => of.length >= FEWEST * dim)
    members = kept.length > 0 ? kept : [Array.from({ length: n }, (_, row) => row)]
    centres = members.map(of => ({ centre: momentsOf(rowsAt(rows, dim, of), dim).mean }))
  }
  return members.map((of, k) => {
    const { covariance } = momentsOf(rowsAt(rows, dim, of), dim)
    for (let i = 0; i < dim; i++) covariance[i * dim + i] += 1e-10 * deviations[i] ** 2
    const lower = cholesky(covariance, dim) ?? diagonal(covariance, dim)
    let logDet = 0
    for (let i = 0; i < dim; i++) logDet += Math.log(lower[i * dim + i])
    return { centre: centres[k].centre, lower, logDet }
  })
}

function diagonal(covariance: Float64Array, dim: number): Float64Array {
  return covariance.map((value, at) => (at % (dim + 1) === 0 ? Math.sqrt(value) : 0))
}
