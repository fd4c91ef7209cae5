import type { CommonOptions, Log, Progress, RunContext } from '../pipelines/run/context.js'
import { type ProgressDisplay, type ProgressStream, progressDisplay } from './progress.js'

/** Where words go. */
export interface Speech {
  readonly stdout: { write(text: string): unknown }
  readonly stderr: ProgressStream
}

/** The parts of a context that speak. */
export interface Console extends Pick<RunContext, 'log' | 'progress' | 'json' | 'print'> {
  /** With --json, the last line on stdout. */
  printResult(): void
  close(): void
}

/**
 * Where a command's words go: results to stdout, everything else to stderr; with --json all but the last line to
 * stderr.
 */
export async function makeConsole(options: CommonOptions, { stdout, stderr }: Speech): Promise<Console> {
  const display: ProgressDisplay = await progressDisplay(stderr, options.quiet)
  const say = (text: string) => {
    display.clear()
    stderr.write(`${text}\n`)
  }
  const log: Log = {
    info: text => {
      if (!options.quiet) say(text)
    },
    warn: say,
    debug: text => {
      if (options.verbose) say(text)
    },
  }
  let result: Readonly<Record<string, unknown>> = {}
  // Libraries that chat on stdout would break the promise of --json.
  if (options.json) {
    console.log = console.error
    console.info = console.error
  }
  return {
    log,
    progress: (total: number, label: string): Progress => display.begin(total, label),
    json: value => {
      result = value
    },
    print: text => {
      if (options.json) say(text)
      else {
        display.clear()
        stdout.write(`${text}\n`)
      }
    },
    printResult: () => {
      if (options.json) stdout.write(`${JSON.stringify(result, plainJson)}\n`)
    },
    close: () => display.close(),
  }
}

/**
 * Typed arrays as arrays; what JSON has no word for (NaN, infinity) becomes null, as JSON.stringify does for arrays
 * too.
 */
function plainJson(_key: string, value: unknown): unknown {
  return ArrayBuffer.isView(value) && !(value instanceof DataView) ? Array.from(value as Float32Array) : value
}
