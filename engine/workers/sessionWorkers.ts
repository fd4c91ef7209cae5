import { Worker } from 'node:worker_threads'
import { messageOf, WorkError, workerUrl } from '../../core/index.js'
import type { Reply, Request, Wire } from './protocol.js'

/** One thread with one-threaded onnxruntime sessions. Requests are answered in order. */
export interface SessionWorker {
  load(model: string, bytes: Uint8Array): Promise<void>
  /** Inputs that every later run of the model has beside its own. */
  keep(model: string, inputs: Readonly<Record<string, Wire>>): Promise<void>
  run(
    model: string,
    inputs: Readonly<Record<string, Wire>>,
    into: Readonly<Record<string, SharedArrayBuffer>>,
  ): Promise<Readonly<Record<string, Wire>>>
  close(): Promise<void>
}

/** Starts a thread. It keeps the process alive only while it works. */
export function startSessionWorker(): SessionWorker {
  const worker = new Worker(workerUrl(import.meta.url, 'sessionWorker'))
  worker.unref()
  const waiting: { resolve(reply: Reply): void; reject(error: Error): void }[] = []
  let ended = false
  const failAll = (message: string): void => {
    ended = true
    for (const { reject } of waiting.splice(0)) reject(failure(message))
  }
  worker.on('message', (reply: Reply) => waiting.shift()?.resolve(reply))
  worker.on('error', (error: unknown) => failAll(messageOf(error)))
  worker.on('exit', () => failAll('the thread ended'))

  const ask = async (request: Request): Promise<Readonly<Record<string, Wire>>> => {
    if (ended) throw failure('a thread that has ended')
    worker.ref()
    try {
      const reply = await new Promise<Reply>((resolve, reject) => {
        waiting.push({ resolve, reject })
        worker.postMessage(request)
      })
      if (reply.kind === 'failed') throw failure(reply.message)
      return reply.outputs
    } finally {
      if (waiting.length === 0) worker.unref()
    }
  }
  return {
    load: async (model, bytes) => {
      await ask({ kind: 'load', model, bytes })
    },
    keep: async (model, inputs) => {
      await ask({ kind: 'keep', model, inputs })
    },
    run: (model, inputs, into) => ask({ kind: 'run', model, inputs, into }),
    close: async () => {
      // onnxruntime called in a thread that is being ended aborts the whole process: the thread finishes what it is at.
      if (!ended) await ask({ kind: 'rest' }).catch(() => undefined)
      await worker.terminate()
    },
  }
}

function failure(message: string): WorkError {
  return new WorkError(
    'expected a session worker to answer',
    `got ${message}`,
    'see whether memory is short, or use fewer workers',
  )
}
