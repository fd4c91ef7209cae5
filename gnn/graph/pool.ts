import { Piscina } from 'piscina'
import { type Box, type KnnGraph, type RadiusGraph, workerFlags, workerUrl } from '../../core/index.js'
import { checkedKnn } from './knn.js'
import type { GraphTask } from './poolWorker.js'
import { checkedRadius } from './radius.js'

/**
 * Neighbour searches in worker threads, so that the event loop stays free; a cloud is one task, a batch spreads over
 * the threads.
 */
export interface GraphPool {
  readonly threads: number
  /** As `knn` of each cloud, in the order of the clouds. Bad input is refused before any work starts. */
  knn(clouds: readonly Float32Array[], box: Box, k: number, options?: GraphPoolOptions): Promise<KnnGraph[]>
  /** As `radiusGraph` of each cloud, in the order of the clouds. */
  radius(clouds: readonly Float32Array[], box: Box, radius: number, options?: GraphPoolOptions): Promise<RadiusGraph[]>
  /** Lets running searches end, then ends the threads. */
  close(): Promise<void>
}

export interface GraphPoolOptions {
  /** Stops searches that run and drops those that wait; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

/**
 * The threads start at once and live until `close()`; they do not keep the process alive while nothing is searched.
 *
 * @param threads how many clouds are searched at a time
 */
export function graphPool({ threads }: { readonly threads: number }): GraphPool {
  const workers = new Piscina<GraphTask, KnnGraph | RadiusGraph>({
    filename: workerUrl(import.meta.url, 'poolWorker').href,
    minThreads: threads,
    maxThreads: threads,
    execArgv: workerFlags,
  })

  async function spread<Graph>(tasks: readonly GraphTask[], signal: AbortSignal | undefined): Promise<Graph[]> {
    signal?.throwIfAborted()
    try {
      const graphs = await Promise.all(
        tasks.map(task => {
          // A view is copied alone, else the clone would take along the whole batch behind it; the copy then changes
          // hands.
          const positions = task.positions.slice()
          return workers.run({ ...task, positions }, { signal, transferList: [positions.buffer] })
        }),
      )
      return graphs as Graph[]
    } catch (error) {
      signal?.throwIfAborted()
      throw error
    }
  }

  return {
    threads,
    async knn(clouds, box, k, { signal } = {}) {
      for (const positions of clouds) checkedKnn(positions, box, k)
      return spread(
        clouds.map(positions => ({ positions, box, k })),
        signal,
      )
    },
    async radius(clouds, box, radius, { signal } = {}) {
      for (const positions of clouds) checkedRadius(positions, box, radius)
      return spread(
        clouds.map(positions => ({ positions, box, radius })),
        signal,
      )
    },
    close: () => workers.close(),
  }
}
