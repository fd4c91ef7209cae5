import type { CommonOptions, Log, Progress, RunContext } from '../pipelines/run/context.js'
import { type ProgressDisplay, type ProgressStream, progressDisplay } from './progress.js'

/** The streams that a command writes to. */
export interface OutputStreams {
  readonly stdout: { write(text: string): unknown }
  readonly stderr: ProgressStream
}

/** The parts of a context that write. */
export interface Console extends Pick<RunContext, 'log' | 'progress' | 'json' | 'print'> {
  /** With --json, the last line on stdout. */
  printResult(): void
  close(): void
}

/**
 * Where the output of a command goes: results to stdout, everything else to stderr; with --json everything but the last
 * line to stderr.
 */
export async function makeConsole(options: CommonOptions, { stdout, stderr }: OutputStreams): Promise<Console> {
  const display: ProgressDisplay = await progressDisplay(stderr, options.quiet)
  const writeLine = (text: string) => {
    display.clear()
    stderr.write(`${text}\n`)
  }
  const log: Log = {
    info: text => {
      if (!options.quiet) writeLine(text)
    },
    warn: writeLine,
    debug: text => {
      if (options.verbose) writeLine(text)
    },
  }
  let result: Readonly<Record<string, unknown>> = {}
  // Output of libraries on stdout would come beside the one JSON line.
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
      if (options.json) writeLine(text)
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
 * Typed arrays as arrays. Numbers that JSON cannot express (NaN, infinity) become null, as everywhere in
 * JSON.stringify.
 */
function plainJson(_key: string, value: unknown): unknown {
  return ArrayBuffer.isView(value) && !(value instanceof DataView) ? Array.from(value as Float32Array) : value
}
