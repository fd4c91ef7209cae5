import { setMaxListeners } from 'node:events'
import { availableParallelism } from 'node:os'
import { Piscina } from 'piscina'
import { errorOf, type TaskFailure } from './taskFailure.js'
import { workerUrl } from './worker.js'

/** Worker threads that run one module's default export, a task at a time each. */
export interface WorkerPool<Task, Result> {
  readonly threads: number
  /** Tasks wait their turn; an aborted `signal` rejects with its reason; an error of ours keeps its exit code. */
  run(task: Task, signal?: AbortSignal): Promise<Result>
  close(): Promise<void>
}

// Piscina tries require() before import(); where Node can require ES modules, a worker that starts under load then meets
// the half-loaded module again and dies of an internal assertion (Node 20.19 and later). Without that ability it imports.
const requireFlag = '--experimental-require-module'
/** Node's flags for a worker of piscina. Those of the process itself are left out: Node refuses some of them for workers. */
export const workerFlags: string[] = process.allowedNodeEnvironmentFlags.has(requireFlag)
  ? ['--no-experimental-require-module']
  : []

/**
 * A pool over the worker module `name` beside the caller.
 *
 * @param threads default: all cores. They live until `close`, so that what a worker keeps (buffers, models) serves all its tasks.
 */
export function workerPool<Task, Result>(
  callerUrl: string,
  name: string,
  threads: number = availableParallelism(),
): WorkerPool<Task, Result> {
  const count = Math.max(1, threads)
  const pool = new Piscina<Task, { readonly result: Result } | TaskFailure>({
    filename: workerUrl(import.meta.url, 'poolWorker').href,
    workerData: workerUrl(callerUrl, name).href,
    minThreads: count,
    maxThreads: count,
    concurrentTasksPerWorker: 1,
    execArgv: workerFlags,
  })
  let closing = false
  // What a worker was still about to say when the pool was closed concerns nobody; it must not speak over the error that closed it.
  pool.on('error', (error: unknown) => {
    if (!closing) throw error
  })
  return {
    threads: count,
    run: async (task, signal) => {
      signal?.throwIfAborted()
      // Each waiting task listens for the abort; Node takes more than ten listeners for a leak.
      if (signal) setMaxListeners(0, signal)
      let answer: { readonly result: Result } | TaskFailure
      try {
        answer = await pool.run(task, { signal })
      } catch (error) {
        // Piscina's own abort error says less than the reason we were given.
        signal?.throwIfAborted()
        throw error
      }
      if ('result' in answer) return answer.result
      throw errorOf(answer)
    },
    close: () => {
      closing = true
      return pool.destroy()
    },
  }
}
