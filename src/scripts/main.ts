import { Interrupted, messageOf, StippleError, WorkError } from '../core/errors.js'
import { makeKey } from '../core/key.js'
import { stippleVersion } from '../io/rootAttributes.js'
import type { Command } from './command.js'
import { makeConsole } from './console.js'
import { explain } from './explain.js'
import { interruption } from './interruption.js'
import { notBuiltYet } from './notBuilt.js'
import { type Invocation, parseCommandLine } from './program.js'

/** Runs one command line and ends the process with its exit code: 0, 1, 2, 3 or 130 (COMMANDS.md). */
export async function main(argv: readonly string[], commands: readonly Command[]): Promise<void> {
  const verbose = argv.includes('--verbose')
  process.stdout.on('error', leaveWithoutStdout)
  // What is thrown where nobody waits for it (a worker, a timer) is a failure like any other.
  process.on('uncaughtException', error => void finish(complain(error, verbose)))
  try {
    const invocation = parse(argv, commands)
    if (invocation) await execute(invocation)
    await finish(0)
  } catch (error) {
    await finish(complain(error, verbose))
  }
}

/** Says in one line what went wrong; its exit code. */
function complain(error: unknown, verbose: boolean): number {
  process.stderr.write(`stipple: ${explain(error)}\n`)
  if (verbose) process.stderr.write(`${stackOf(error)}\n`)
  return error instanceof StippleError ? error.exitCode : 1
}

/** A worker pool or an open session must not keep a finished command alive, and nothing said may be lost. */
async function finish(code: number): Promise<void> {
  await Promise.all([drained(process.stdout), drained(process.stderr)])
  process.exit(code)
}

function parse(argv: readonly string[], commands: readonly Command[]): Invocation | undefined {
  const missing = notBuiltYet(argv)
  if (missing) throw new NotBuilt(missing)
  return parseCommandLine(argv, commands, stippleVersion())
}

async function execute({ command, options, positionals }: Invocation): Promise<void> {
  const console = await makeConsole(options)
  const signal = interruption(console.log)
  try {
    await command.run(options, { ...console, signal, key: makeKey(options.seed) }, positionals)
  } catch (error) {
    // What a library or a reader throws when its signal is aborted is the interruption, whatever its words.
    if (signal.aborted && (!(error instanceof StippleError) || error instanceof Interrupted)) throw signal.reason
    throw error
  } finally {
    console.close()
  }
  console.printResult()
}

/** A command of the plan that this version does not have. */
class NotBuilt extends StippleError {
  override readonly exitCode = 2

  constructor(readonly entry: string) {
    super(
      'expected a command that exists',
      `got '${entry}', which is not built yet`,
      'see stipple --help for those that are',
    )
  }
}

function stackOf(error: unknown): string {
  const cause = error instanceof Error && error.cause ? `\ncaused by ${stackOf(error.cause)}` : ''
  return `${error instanceof Error ? (error.stack ?? error.message) : String(error)}${cause}`
}

function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise(resolve => {
    stream.write('', () => resolve())
  })
}

/** `stipple inspect F | head` closes our stdout early: nobody listens any more, which is no failure. A full disk is one. */
function leaveWithoutStdout(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(0)
  complain(new WorkError('expected to write to stdout', `got ${messageOf(error)}`, 'send it elsewhere'), false)
  process.exit(1)
}
