import { messageOf, WorkError } from '../core/errors.js'
import type { Command } from './command.js'
import { interruption } from './interruption.js'
import { complain, runLine } from './runLine.js'

/** Runs one command line as this process, which ends with its exit code. */
export async function main(argv: readonly string[], commands: readonly Command[]): Promise<void> {
  const verbose = argv.includes('--verbose')
  process.stdout.on('error', leaveWithoutStdout)
  // What is thrown where nobody waits for it (a worker, a timer) is a failure like any other.
  process.on('uncaughtException', error => void finish(complain(error, verbose, process)))
  const { stdout, stderr } = process
  await finish(await runLine(argv, commands, { stdout, stderr, signal: interruption }))
}

/** A worker pool or an open session must not keep a finished command alive, and nothing said may be lost. */
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
 * What a write says once its reader has gone: a closed pipe, a socket closed with unread lines in it, a stream that
 * heard so before.
 */
const readerGone: ReadonlySet<string | undefined> = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED'])

/**
 * `stipple inspect F | head` closes our stdout early: nobody listens any more, which is no failure. A full disk is one.
 */
function leaveWithoutStdout(error: NodeJS.ErrnoException): void {
  if (readerGone.has(error.code)) process.exit(0)
  complain(new WorkError('expected to write to stdout', `got ${messageOf(error)}`, 'send it elsewhere'), false, process)
  process.exit(1)
}
