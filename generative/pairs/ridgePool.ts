import { workerPool } from '../../core/index.js'
import type { RidgeFit } from './ridge.js'
import type { RidgeTask } from './ridgeWorker.js'

export interface RidgePool {
  /**
   * `fitRidge` of one noise level, on a thread of its own; levels at once give the same bytes as one after the other.
   */
  fit(task: RidgeTask, signal?: AbortSignal): Promise<RidgeFit>
  close(): Promise<void>
}

/** @param threads default: all cores. Each holds the normal equations three times: 60 MB at 1,584 unknowns. */
export function makeRidgePool(threads?: number): RidgePool {
  const pool = workerPool<RidgeTask, RidgeFit>(import.meta.url, 'ridgeWorker', threads)
  return { fit: (task, signal) => pool.run(task, signal), close: () => pool.close() }
}
