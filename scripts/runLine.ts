import { Interrupted, StippleError } from '../core/errors.js'
import { makeKey } from '../core/key.js'
import { stippleVersion } from '../io/rootAttributes.js'
import type { Log } from '../pipelines/run/context.js'
import type { Command } from './command.js'
import { makeConsole, type OutputStreams } from './console.js'
import { explain } from './explain.js'
import { notBuiltYet } from './notBuilt.js'
import { type Invocation, parseCommandLine } from './program.js'

/** What a command line may use of its process. */
export interface Surroundings extends OutputStreams {
  /** Aborted when the work has to stop. */
  signal(log: Log): AbortSignal
}

/**
 * Runs one command line. Every error is one line on stderr, with its stack below only where --verbose is given.
 *
 * @returns the exit code: 0, 1 for failed work, 2 for wrong usage, 3 for bad data, 130 for an interruption
 */
export async function runLine(
  argv: readonly string[],
  commands: readonly Command[],
  surroundings: Surroundings,
): Promise<number> {
  try {
    const invocation = parse(argv, commands)
    if (invocation) await execute(invocation, surroundings)
    return 0
  } catch (error) {
    return complain(error, argv.includes('--verbose'), surroundings)
  }
}

/** Writes in one line what went wrong; returns its exit code. */
export function complain(error: unknown, verbose: boolean, { stderr }: Pick<OutputStreams, 'stderr'>): number {
  stderr.write(`stipple: ${explain(error)}\n`)
  if (verbose) stderr.write(`${stackOf(error)}\n`)
  return error instanceof StippleError ? error.exitCode : 1
}

function parse(argv: readonly string[], commands: readonly Command[]): Invocation | undefined {
  const missing = notBuiltYet(argv)
  if (missing) throw new NotBuilt(missing)
  return parseCommandLine(argv, commands, stippleVersion())
}

async function execute({ command, options, positionals }: Invocation, surroundings: Surroundings): Promise<void> {
  const console = await makeConsole(options, surroundings)
  const signal = surroundings.signal(console.log)
  try {
    await command.run(options, { ...console, signal, key: makeKey(options.seed) }, positionals)
  } catch (error) {
    // Whatever a library or a reader throws once the signal is aborted is the interruption.
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
