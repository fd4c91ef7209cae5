import { Interrupted, type Key, makeKey } from '../../core/index.js'
import { type CommonOptions, quietContext, type RunContext } from '../../pipelines/run/context.js'

/** What every command takes, quietly, on one thread. */
export const common: CommonOptions = {
  ...{ resume: false, seed: 1, threads: 1, device: 'cpu', extrapolate: false, set: [] },
  ...{ json: false, quiet: true, verbose: false, force: false },
}

/** A context that is interrupted when `units` of the work are done. */
export function interruptedAfter(units: number, key: Key = makeKey(1)): RunContext {
  const stop = new AbortController()
  let done = 0
  const advance = (more = 1) => {
    done += more
    if (done >= units && !stop.signal.aborted)
      stop.abort(new Interrupted('expected to finish', 'got a signal', 'go on with --resume'))
  }
  return quietContext(key, { signal: stop.signal, progress: () => ({ advance, stop() {} }) })
}
