import { Interrupted, messageOf, WorkError } from '../core/errors.js'
import type { Log } from '../pipelines/run/context.js'
import type { Command } from './command.js'
import { complain, runLine } from './runLine.js'

/** Runs one command line as this process, which ends with its exit code. */
export async function main(argv: readonly string[], commands: readonly Command[]): Promise<void> {
  const verbose = argv.includes('--verbose')
  process.stdout.on('error', leaveWithoutStdout)
  // An error thrown outside any awaited call (in a worker, a timer) is a failure like any other.
  process.on('uncaughtException', error => void finish(complain(error, verbose, process)))
  const { stdout, stderr } = process
  await finish(await runLine(argv, commands, { stdout, stderr, signal: interruption }))
}

/**
 * The first Ctrl-C or SIGTERM aborts the signal, so that the work finishes its step and leaves a checkpoint; the second
 * ends the process at once.
 */
function interruption(log: Log): AbortSignal {
  const controller = new AbortController()
  const stop = (name: 'SIGINT' | 'SIGTERM') => {
    if (controller.signal.aborted) process.exit(130)
    log.warn(`${name}: finishing the step under way; send it once more to stop at once`)
    controller.abort(new Interrupted('expected to finish the work', `got ${name}`, 'continue it with --resume'))
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  return controller.signal
}

/** A worker pool or an open session must not keep a finished command alive, and no output may be lost. */
async function finish(code: number): Promise<void> {
  await Promise.all([drained(process.stdout), drained(process.stderr)])
  process.exit(code)
}

function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise(resolve => {
    stream.write('', () => resolve())
  })
}

/**
 * Codes of a write whose reader has gone: a closed pipe, a socket closed with unread lines in it, a stream that has
 * been destroyed for one of these.
 */
const readerGone: ReadonlySet<string | undefined> = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED'])

/**
 * `stipple inspect F | head` closes our stdout early, which is no failure. A full disk is one.
 */
function leaveWithoutStdout(error: NodeJS.ErrnoException): void {
  if (readerGone.has(error.code)) process.exit(0)
  complain(
    new WorkError('expected to write to stdout', `got ${messageOf(error)}`, 'redirect it to another place'),
    false,
    process,
  )
  process.exit(1)
}
