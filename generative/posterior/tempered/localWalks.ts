import { cholesky, momentsOf, solveLower, timesLower } from '../cholesky.js'
import type { RandomStream } from '../randomStream.js'
import { rowsAt } from '../resample.js'
import { differenceLeap, type MakeParticleMoves, type ParticleMove } from './particleMoves.js'

/** The parts are found by at most this many rows, in this many rounds. */
const partSample = 4000
const partRounds = 8
/** Rows of a part at least, times dim. */
const fewestRows = 12
const mostParts = 24
const leapEvery = 5

interface Part {
  readonly centre: Float64Array
  readonly lower: Float64Array
  readonly logDet: number
}

/**
 * Random walks with the covariance of the neighbourhood: points are parted by their nearest centre (k-means of the
 * population as it is), and a step from a point has the covariance of its part, so that narrow modes and wide ones are
 * explored alike. A step that leaves a part comes with the ratio of both parts' densities, which keeps detailed
 * balance.
 */
export const localWalks: MakeParticleMoves = (population, dim, random) => {
  const walk = localWalk(population, dim, random)
  return () => walk
}

/** Local walks, and in every fifth round a leap. */
export const localWalksAndLeaps: MakeParticleMoves = (population, dim, random) => {
  const walk = localWalk(population, dim, random)
  const leap = differenceLeap(dim)
  return round => (round % leapEvery === 0 ? leap : walk)
}

function localWalk(population: Float64Array, dim: number, random: RandomStream): ParticleMove {
  const space = partedSpace(population, dim, random)
  return {
    movers: 'all',
    isTuned: true,
    propose({ rows, size }, random) {
      const proposed = new Float64Array(rows.length)
      const factors = new Float64Array(rows.length / dim)
      const [noise, step] = [new Float64Array(dim), new Float64Array(dim)]
      for (let row = 0; row < factors.length; row++) {
        const here = partOf(space, rows, row)
        let square = 0
        for (let i = 0; i < dim; i++) {
          noise[i] = random.normal()
          square += noise[i] ** 2
        }
        timesLower(here.lower, noise, step)
        for (let i = 0; i < dim; i++) proposed[row * dim + i] = rows[row * dim + i] + size * step[i]
        const there = partOf(space, proposed, row)
        if (there === here) continue
        solveLower(there.lower, step, noise)
        const back = noise.reduce((sum, e) => sum + e * e, 0)
        factors[row] = here.logDet - there.logDet - 0.5 * (back - square)
      }
      return { rows: proposed, factors }
    },
  }
}

/** Parts of the space, and the deviations that distances from their centres are measured in. */
interface PartedSpace {
  readonly dim: number
  readonly parts: readonly Part[]
  /** `[dim]` */
  readonly deviations: Float64Array
}

function partedSpace(population: Float64Array, dim: number, random: RandomStream): PartedSpace {
  const count = population.length / dim
  const rows = Int32Array.from({ length: Math.min(partSample, count) }, () => random.integer(count))
  const sample = rowsAt(population, dim, rows)
  const deviations = deviationsOf(sample, dim)
  const most = Math.max(1, Math.min(mostParts, Math.floor(rows.length / (8 * fewestRows * dim))))
  return { dim, deviations, parts: partsOf(sample, deviations, most, random) }
}

function partOf({ parts, deviations }: PartedSpace, rows: Float64Array, row: number): Part {
  return parts[nearest(parts, deviations, rows, row)]
}

function deviationsOf(rows: Float64Array, dim: number): Float64Array {
  const { covariance } = momentsOf(rows, dim)
  return Float64Array.from({ length: dim }, (_, i) => Math.sqrt(Math.max(covariance[i * dim + i], 1e-24)))
}

function nearest(
  parts: readonly { readonly centre: Float64Array }[],
  deviations: Float64Array,
  rows: Float64Array,
  row: number,
): number {
  const dim = deviations.length
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

function partsOf(rows: Float64Array, deviations: Float64Array, count: number, random: RandomStream): Part[] {
  const dim = deviations.length
  const n = rows.length / dim
  let centres: { centre: Float64Array }[] = Array.from({ length: count }, () => {
    const row = random.integer(n)
    return { centre: rows.slice(row * dim, (row + 1) * dim) }
  })
  let members: number[][] = []
  for (let round = 0; round < partRounds; round++) {
    members = centres.map(() => [])
    for (let row = 0; row < n; row++) members[nearest(centres, deviations, rows, row)].push(row)
    // Parts with few rows go to their neighbours.
    const kept = members.filter(of => of.length >= fewestRows * dim)
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
