import type { Key } from '../../core/key.js'
import type { Device } from '../../engine/devices/deviceNames.js'

/**
 * What a pipeline may use of the world around it: where to speak, when to stop, the key of its random numbers.
 * The command line makes one; a test or a notebook makes its own (`quietContext`). No pipeline touches stdout,
 * a terminal or a signal by itself.
 */
export interface RunContext {
  readonly log: Log
  /** A task of `total` units under way. With an unknown total pass 0. */
  progress(total: number, label: string): Progress
  /** Aborted by the first Ctrl-C or SIGTERM: finish the step, leave a checkpoint, throw `signal.reason`. */
  readonly signal: AbortSignal
  /** The result: with `--json` the last line on stdout. The last call wins. */
  json(result: Readonly<Record<string, unknown>>): void
  /** A line of result for a person: stdout, or stderr with `--json`. */
  print(text: string): void
  /** Made from `--seed`. */
  readonly key: Key
}

/** All of it goes to stderr. `debug` is shown with --verbose, `info` unless --quiet, `warn` always. */
export interface Log {
  info(text: string): void
  warn(text: string): void
  debug(text: string): void
}

export interface Progress {
  /** `done` more units are finished; `note` is a short text beside the bar, as `loss 0.97`. */
  advance(done?: number, note?: string): void
  stop(): void
}

/** The options every command takes. */
export interface CommonOptions {
  readonly out?: string
  readonly resume: boolean
  readonly run?: string
  readonly seed: number
  /** All cores where it was not given. */
  readonly threads: number
  readonly device: Device
  readonly extrapolate: boolean
  readonly preset?: string
  readonly config?: string
  /** Each `a.b=value`. */
  readonly set: readonly string[]
  readonly json: boolean
  readonly quiet: boolean
  readonly verbose: boolean
  readonly force: boolean
}

/** A context that says nothing and is never interrupted; give `signal`, `log` or others to change one thing. */
export function quietContext(key: Key, changes: Partial<RunContext> = {}): RunContext {
  const silent = () => {}
  return {
    log: { info: silent, warn: silent, debug: silent },
    progress: () => ({ advance: silent, stop: silent }),
    signal: new AbortController().signal,
    json: silent,
    print: silent,
    key,
    ...changes,
  }
}
