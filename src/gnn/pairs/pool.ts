import { availableParallelism } from 'node:os'
import { Piscina } from 'piscina'
import { type Key, workerUrl } from '../../core/index.js'
import type { PairBasis } from './basis.js'
import type { ForceTask } from './forceWorker.js'
import type { Moments } from './moments.js'
import type { MomentsTask } from './momentsWorker.js'

export interface PoolOptions {
  /** Worker threads; default all cores */
  readonly threads?: number
  readonly signal?: AbortSignal
}

export interface MomentsPool {
  /** Moments of one cloud `[points, 3]` at each noise level. The same whatever the thread count: a cloud is one task of one thread. */
  momentsOf(positions: Float32Array, sigmas: readonly number[], key: Key): Promise<Moments[]>
  readonly threads: number
  close(): Promise<void>
}

export function makeMomentsPool(basis: PairBasis, draws: number, options: PoolOptions = {}): MomentsPool {
  const threads = options.threads ?? availableParallelism()
  const pool = poolOf('momentsWorker', threads)
  return {
    threads,
    momentsOf: (positions, sigmas, key) =>
      pool.run({ basis, draws, sigmas, positions, key: key.words } satisfies MomentsTask, { signal: options.signal }),
    close: () => pool.destroy(),
  }
}

export interface ForcePool {
  /** Features of one cloud `[points, 3]` times coefficients: `[points, 3]` */
  force(positions: Float32Array, sigma: number, coefficients: Float64Array): Promise<Float32Array>
  close(): Promise<void>
}

export function makeForcePool(basis: PairBasis, options: PoolOptions = {}): ForcePool {
  const pool = poolOf('forceWorker', options.threads ?? availableParallelism())
  return {
    force: (positions, sigma, coefficients) =>
      pool.run({ basis, positions, sigma, coefficients } satisfies ForceTask, { signal: options.signal }),
    close: () => pool.destroy(),
  }
}

function poolOf(name: string, threads: number): Piscina {
  const filename = workerUrl(import.meta.url, name).href
  return new Piscina({ filename, minThreads: threads, maxThreads: threads, concurrentTasksPerWorker: 1 })
}
