import { setMaxListeners } from 'node:events'
import { availableParallelism } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { Piscina } from 'piscina'
import { errorOf, type TaskFailure, WorkError } from './errors.js'

/**
 * The address of a worker module that lies beside the caller. Workers are compiled like every other file, so the
 * name ends in `.js` wherever the package runs.
 */
export function workerUrl(callerUrl: string, name: string): URL {
  return new URL(`./${name}.js`, callerUrl)
}

/** Worker threads that run one module's default export, a task at a time each. */
export interface WorkerPool<Task, Result> {
  readonly threads: number
  /** Tasks begin in order. An aborted `signal` rejects with its reason. An error of ours keeps its exit code. */
  run(task: Task, signal?: AbortSignal): Promise<Result>
  /** Rejects all tasks that wait or run, and ends the threads when each has finished its task. */
  close(): Promise<void>
}

// Piscina tries require() before import(). Where Node can require ES modules (20.19 and later), a worker that starts
// under load then meets the half-loaded module again and dies of an internal assertion. Without that ability it
// imports.
const requireFlag = '--experimental-require-module'
/**
 * Node's flags for a worker of piscina. Those of the process itself are not passed on: Node refuses some of them for
 * workers.
 */
export const workerFlags: string[] = process.allowedNodeEnvironmentFlags.has(requireFlag)
  ? ['--no-experimental-require-module']
  : []

/** How long a pool that is being closed waits for its tasks, milliseconds. */
const longestClosing = 30_000

/**
 * A pool over the worker module `name` beside the caller.
 *
 * A thread is never ended in the middle of a task: onnxruntime, called in a thread that is being ended, throws where
 * nothing can catch it, and the whole process aborts. So an abort rejects the caller at once; the task runs to its end
 * and its result is dropped.
 *
 * ```ts
 * const pool = workerPool<number, string>(import.meta.url, 'nameWorker')  // ./nameWorker.js, which exports a default
 * const names = await Promise.all([1, 2, 3].map(n => pool.run(n)))
 * await pool.close()
 * ```
 *
 * @param threads default: all cores. They live until `close`, so that what a worker keeps (buffers, models) serves all
 *   its tasks.
 * @param closing how long `close` waits for tasks under way, milliseconds
 */
export function workerPool<Task, Result>(
  callerUrl: string,
  name: string,
  threads: number = availableParallelism(),
  closing: number = longestClosing,
): WorkerPool<Task, Result> {
  const count = Math.max(1, threads)
  type Answer = { readonly result: Result } | TaskFailure
  const pool = new Piscina<Task, Answer>({
    filename: workerUrl(import.meta.url, 'poolWorker').href,
    workerData: workerUrl(callerUrl, name).href,
    minThreads: count,
    maxThreads: count,
    concurrentTasksPerWorker: 1,
    execArgv: workerFlags,
  })
  const end = new AbortController()
  setMaxListeners(0, end.signal)
  // An error of a worker that comes after the pool was closed is of no use; it must not hide the error that closed it.
  pool.on('error', (error: unknown) => {
    if (!end.signal.aborted) throw error
  })
  const underWay = new Set<Promise<unknown>>()
  const waiting: { grant(): void; isAbandoned: boolean }[] = []
  let free = count

  /** Rejects at once when either signal is aborted; the listeners are gone with the task. */
  const unlessAborted = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
    new Promise((resolve, reject) => {
      const stop = () => reject(signal.aborted ? signal.reason : end.signal.reason)
      if (signal.aborted || end.signal.aborted) return stop()
      const settled = () => {
        for (const each of [signal, end.signal]) each.removeEventListener('abort', stop)
      }
      for (const each of [signal, end.signal]) each.addEventListener('abort', stop)
      work.then(resolve, reject).finally(settled)
    })

  /** Resolves when a thread is free for the caller, in the order of the calls; `releaseThread` must follow. */
  async function acquireThread(signal: AbortSignal): Promise<void> {
    if (free > 0) {
      free--
      return
    }
    const own = { grant: () => {}, isAbandoned: false }
    const granted = new Promise<void>(resolve => {
      own.grant = resolve
    })
    waiting.push(own)
    await unlessAborted(granted, signal).catch(error => {
      own.isAbandoned = true
      // A thread that was granted at the same moment is passed on.
      void granted.then(releaseThread)
      throw error
    })
  }

  function releaseThread(): void {
    let next = waiting.shift()
    while (next?.isAbandoned) next = waiting.shift()
    if (next) next.grant()
    else free++
  }

  async function withThread(task: Task, signal: AbortSignal): Promise<Answer> {
    await acquireThread(signal)
    if (signal.aborted || end.signal.aborted) {
      releaseThread()
      throw signal.aborted ? signal.reason : end.signal.reason
    }
    const work = pool.run(task)
    underWay.add(work)
    const done = () => {
      underWay.delete(work)
      releaseThread()
    }
    work.then(done, done)
    return unlessAborted(work, signal)
  }

  return {
    threads: count,
    run: async (task, signal = new AbortController().signal) => {
      signal.throwIfAborted()
      end.signal.throwIfAborted()
      // Each waiting task listens for the abort; Node takes more than ten listeners for a leak.
      setMaxListeners(0, signal)
      const answer = await withThread(task, signal)
      if ('result' in answer) return answer.result
      throw errorOf(answer)
    },
    close: async () => {
      end.abort(
        new WorkError('expected an open pool of workers', 'got one that was closed', 'run tasks before close()'),
      )
      const gone = new AbortController()
      await Promise.race([
        Promise.allSettled(underWay),
        setTimeout(closing, undefined, { signal: gone.signal }).catch(() => undefined),
      ])
      gone.abort()
      await pool.destroy()
    },
  }
}
