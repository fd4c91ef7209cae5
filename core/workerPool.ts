import { setMaxListeners } from 'node:events'
import { availableParallelism } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { Piscina } from 'piscina'
import { errorOf, type TaskFailure } from './taskFailure.js'
import { workerUrl } from './worker.js'

/** Worker threads that run one module's default export, a task at a time each. */
export interface WorkerPool<Task, Result> {
  readonly threads: number
  /** Tasks wait their turn; an aborted `signal` rejects with its reason; an error of ours keeps its exit code. */
  run(task: Task, signal?: AbortSignal): Promise<Result>
  /** Rejects what waits and what runs, and ends the threads when they have finished the task they are at. */
  close(): Promise<void>
}

// Piscina tries require() before import(); where Node can require ES modules, a worker that starts under load then
// meets the half-loaded module again and dies of an internal assertion (Node 20.19 and later). Without that ability it
// imports.
const requireFlag = '--experimental-require-module'
/**
 * Node's flags for a worker of piscina. Those of the process itself are left out: Node refuses some of them for
 * workers.
 */
export const workerFlags: string[] = process.allowedNodeEnvironmentFlags.has(requireFlag)
  ? ['--no-experimental-require-module']
  : []

/** A task longer than this after the pool was closed is not waited for, milliseconds. */
const longestFarewell = 30_000

/**
 * A pool over the worker module `name` beside the caller.
 *
 * A thread is never ended in the middle of a task: onnxruntime, called in a thread that is being ended, throws where
 * nobody can catch it, and the whole process aborts. So an abort rejects the caller at once and lets the task run out
 * unheard.
 *
 * @param threads default: all cores. They live until `close`, so that what a worker keeps (buffers, models) serves all
 *   its tasks.
 * @param farewell how long `close` waits for tasks under way, milliseconds
 */
export function workerPool<Task, Result>(
  callerUrl: string,
  name: string,
  threads: number = availableParallelism(),
  farewell: number = longestFarewell,
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
  const closing = new AbortController()
  setMaxListeners(0, closing.signal)
  // What a worker was still about to say when the pool was closed concerns nobody; it must not speak over the error
  // that closed it.
  pool.on('error', (error: unknown) => {
    if (!closing.signal.aborted) throw error
  })
  const underWay = new Set<Promise<unknown>>()
  const turns: { take(): void; left: boolean }[] = []
  let free = count

  /** Rejects at once when either signal is aborted; the listeners are gone with the task. */
  const unlessAborted = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
    new Promise((resolve, reject) => {
      const stop = () => reject(signal.aborted ? signal.reason : closing.signal.reason)
      if (signal.aborted || closing.signal.aborted) return stop()
      const settled = () => {
        for (const each of [signal, closing.signal]) each.removeEventListener('abort', stop)
      }
      for (const each of [signal, closing.signal]) each.addEventListener('abort', stop)
      work.then(resolve, reject).finally(settled)
    })

  /** Resolves when a thread is free for the caller, in the order of asking; it has to be given back. */
  async function turn(signal: AbortSignal): Promise<void> {
    if (free > 0) {
      free--
      return
    }
    const own = { take: () => {}, left: false }
    const granted = new Promise<void>(resolve => {
      own.take = resolve
    })
    turns.push(own)
    await unlessAborted(granted, signal).catch(error => {
      own.left = true
      // Where the turn came at the same moment it is passed on.
      void granted.then(giveBack)
      throw error
    })
  }

  function giveBack(): void {
    let next = turns.shift()
    while (next?.left) next = turns.shift()
    if (next) next.take()
    else free++
  }

  async function withThread(task: Task, signal: AbortSignal): Promise<Answer> {
    await turn(signal)
    if (signal.aborted || closing.signal.aborted) {
      giveBack()
      throw signal.aborted ? signal.reason : closing.signal.reason
    }
    const work = pool.run(task)
    underWay.add(work)
    const done = () => {
      underWay.delete(work)
      giveBack()
    }
    work.then(done, done)
    return unlessAborted(work, signal)
  }

  return {
    threads: count,
    run: async (task, signal = new AbortController().signal) => {
      signal.throwIfAborted()
      closing.signal.throwIfAborted()
      // Each waiting task listens for the abort; Node takes more than ten listeners for a leak.
      setMaxListeners(0, signal)
      const answer = await withThread(task, signal)
      if ('result' in answer) return answer.result
      throw errorOf(answer)
    },
    close: async () => {
      closing.abort(new Error('the pool was closed'))
      const gone = new AbortController()
      await Promise.race([
        Promise.allSettled(underWay),
        setTimeout(farewell, undefined, { signal: gone.signal }).catch(() => undefined),
      ])
      gone.abort()
      await pool.destroy()
    },
  }
}
