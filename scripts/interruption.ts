import { Interrupted } from '../core/errors.js'
import type { Log } from '../pipelines/run/context.js'

/**
 * The first Ctrl-C or SIGTERM aborts the signal, so that the work finishes its step and leaves a checkpoint; the second
 * ends the process at once.
 */
export function interruption(log: Log): AbortSignal {
  const controller = new AbortController()
  const stop = (name: 'SIGINT' | 'SIGTERM') => {
    if (controller.signal.aborted) process.exit(130)
    log.warn(`${name}: finishing the step under way; once more to stop at once`)
    controller.abort(new Interrupted('expected to finish the work', `got ${name}`, 'go on with --resume'))
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  return controller.signal
}
