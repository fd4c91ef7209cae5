import { availableParallelism } from 'node:os'
import { type Key, workerPool } from '../../core/index.js'
import type { PairBasis } from './basis.js'
import type { CloseBins } from './closePairs.js'
import type { ForceTask } from './forceWorker.js'
import type { Matched, MatchedCounts, MatchedLevel, MatchedMoments } from './matchedMoments.js'
import type { MatchedAnswer, MatchedTask } from './matchedWorker.js'
import type { Moments } from './moments.js'
import type { MomentsTask } from './momentsWorker.js'

export interface PoolOptions {
  /** Worker threads; default all cores */
  readonly threads?: number
  readonly signal?: AbortSignal
}

export interface MomentsPool {
  /**
   * Moments of one cloud `[points, 3]` at each noise level. The same whatever the thread count: a cloud is one task of
   * one thread.
   */
  momentsOf(positions: Float32Array, sigmas: readonly number[], key: Key): Promise<Moments[]>
  readonly threads: number
  close(): Promise<void>
}

export function makeMomentsPool(basis: PairBasis, draws: number, options: PoolOptions = {}): MomentsPool {
  const threads = options.threads ?? availableParallelism()
  const pool = workerPool<MomentsTask, Moments[]>(import.meta.url, 'momentsWorker', threads)
  return {
    threads,
    momentsOf: (positions, sigmas, key) =>
      pool.run({ basis, draws, sigmas, positions, key: key.words }, options.signal),
    close: () => pool.close(),
  }
}

export interface ForcePool {
  /** Features of one cloud `[points, 3]` times coefficients: `[points, 3]` */
  force(positions: Float32Array, sigma: number, coefficients: Float64Array): Promise<Float32Array>
  close(): Promise<void>
}

export function makeForcePool(basis: PairBasis, options: PoolOptions = {}): ForcePool {
  const pool = workerPool<ForceTask, Float32Array>(import.meta.url, 'forceWorker', options.threads)
  return {
    force: (positions, sigma, coefficients) => pool.run({ basis, positions, sigma, coefficients }, options.signal),
    close: () => pool.close(),
  }
}

export interface MatchedPool {
  moments(clouds: Matched, level: MatchedLevel): Promise<MatchedMoments>
  counts(clouds: Matched, sigma: number, key: Key): Promise<MatchedCounts>
  /** Drift of close pairs by bin of separation, each end towards the other, times the features: `[features]` */
  flow(clouds: Matched, sigma: number, drift: Float64Array): Promise<Float64Array>
  close(): Promise<void>
}

export function makeMatchedPool(basis: PairBasis, bins: CloseBins, options: PoolOptions = {}): MatchedPool {
  const pool = workerPool<MatchedTask, MatchedAnswer>(import.meta.url, 'matchedWorker', options.threads)
  return {
    moments: async (clouds, { key, ...level }) =>
      (await pool.run({ basis, bins, clouds, level, key: key.words }, options.signal)) as MatchedMoments,
    counts: async (clouds, sigma, key) =>
      (await pool.run(
        { basis, bins, clouds, level: { countAt: sigma }, key: key.words },
        options.signal,
      )) as MatchedCounts,
    flow: async (clouds, sigma, drift) =>
      (await pool.run({ basis, bins, clouds, level: { sigma, drift }, key: [0, 0] }, options.signal)) as Float64Array,
    close: () => pool.close(),
  }
}
