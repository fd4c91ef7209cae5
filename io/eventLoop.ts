import { Interrupted } from '../core/index.js'

/** Lets timers, signals and sockets run between two synchronous reads. */
export function yieldToEventLoop(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}

/** @throws Interrupted once the signal was given */
export function stopIfAborted(signal?: AbortSignal): void {
  if (signal?.aborted)
    throw new Interrupted('expected to work to the end', 'got an interruption', 'run again, or --resume')
}
