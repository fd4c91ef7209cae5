import { cholesky, momentsOf, timesLower } from '../cholesky.js'
import type { RandomStream } from '../randomStream.js'

/** The particles that move now, and what a move may know of the others. */
export interface MovingParticles {
  /** `[n, dim]` */
  readonly rows: Float64Array
  /** the half that stands still, `[m, dim]`; the moving ones themselves where all move at once */
  readonly others: Float64Array
  /** of the steps, relative to the move's own scale */
  readonly size: number
}

export interface Proposals {
  /** `[n, dim]` */
  readonly rows: Float64Array
  /**
   * `[n]` logarithms of what the ratio of densities is multiplied with in the acceptance; absent for symmetric moves
   */
  readonly factors?: Float64Array
}

/** One kind of proposal. */
export interface ParticleMove {
  /** all at once, or one half after the other, each by where the other stands */
  readonly movers: 'all' | 'halves'
  /** whether the size is tuned by how many of its proposals are accepted */
  readonly isTuned: boolean
  propose(particles: MovingParticles, random: RandomStream): Proposals
}

/**
 * The moves at one temperature, by round (1, 2, …). They are made from the particles as they stand after resampling and
 * must not learn from them any more while they move: that keeps detailed balance.
 *
 * @param population `[n, dim]`
 */
export type MakeParticleMoves = (
  population: Float64Array,
  dim: number,
  random: RandomStream,
) => (round: number) => ParticleMove

/** Random walks with the covariance of all particles. */
export const globalWalks: MakeParticleMoves = (population, dim) => {
  const factor = factorOf(population, dim)
  const walk: ParticleMove = {
    movers: 'all',
    isTuned: true,
    propose({ rows, size }, random) {
      const proposed = rows.slice()
      const step = new Float64Array(dim)
      for (let at = 0; at < rows.length; at += dim) {
        const noise = step.map(() => size * random.normal())
        timesLower(factor, noise, step)
        for (let i = 0; i < dim; i++) proposed[at + i] += step[i]
      }
      return { rows: proposed }
    },
  }
  return () => walk
}

/** A Cholesky factor of the covariance, or deviations alone where the particles lie in a plane. */
function factorOf(rows: Float64Array, dim: number): Float64Array {
  const { covariance } = momentsOf(rows, dim)
  const factor = cholesky(covariance, dim)
  if (factor) return factor
  return covariance.map((value, at) => (at % (dim + 1) === 0 ? Math.sqrt(Math.max(value, 1e-12)) : 0))
}

/**
 * Each particle moves by the difference of two of the half that stands still, spread a little: ter Braak 2006
 * (doi:10.1007/s11222-006-8769-1). It leaps between modes.
 */
export function differenceLeap(dim: number): ParticleMove {
  return {
    movers: 'halves',
    isTuned: false,
    propose({ rows, others }, random) {
      const proposed = new Float64Array(rows.length)
      const count = others.length / dim
      for (let at = 0; at < rows.length; at += dim) {
        const a = random.integer(count) * dim
        const b = random.integer(count) * dim
        for (let i = 0; i < dim; i++) {
          proposed[at + i] = rows[at + i] + others[a + i] - others[b + i] + 1e-5 * random.normal()
        }
      }
      return { rows: proposed }
    },
  }
}
