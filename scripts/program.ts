import { Argument, Command as Commander, CommanderError, Option } from 'commander'
import { UsageError } from '../core/errors.js'
import { commonOptions, longName, type OptionSpec } from '../pipelines/options.js'
import type { CommonOptions } from '../pipelines/run/context.js'
import { nearest } from '../pipelines/run/nearest.js'
import type { Command } from './command.js'

/** What a command line asks for. */
export interface Invocation {
  readonly command: Command
  readonly options: CommonOptions & Readonly<Record<string, unknown>>
  readonly positionals: readonly string[]
}

/**
 * Reads a command line against the table of commands. Nothing is run.
 *
 * @returns the invocation, or nothing where help or the version was asked for and has been printed
 * @throws UsageError for anything that the table does not know, with the nearest that it does
 */
export function parseCommandLine(
  argv: readonly string[],
  commands: readonly Command[],
  version: string,
): Invocation | undefined {
  let invocation: Invocation | undefined
  const program = quietened(new Commander('stipple'))
    .description('Generative models and inference for point clouds from simulations')
    .version(version)
  for (const command of commands) {
    const leaf = addLeaf(program, command)
    leaf.action(() => {
      invocation = {
        command,
        options: readValues(leaf, command),
        positionals: leaf.processedArgs.flat().filter(isText),
      }
    })
  }
  try {
    program.parse(argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return undefined
    throw usageError(error, program, argv)
  }
  return invocation
}

/** Errors come back as exceptions, since we print them ourselves. */
function quietened(command: Commander): Commander {
  return command.exitOverride().configureOutput({ writeErr: () => {} })
}

function addLeaf(program: Commander, command: Command): Commander {
  const existing = program.commands.find(c => c.name() === command.subject)
  const subject = existing ?? quietened(program.command(command.subject))
  if (command.verb && !existing) subject.description(command.about ?? command.subject)
  const leaf = command.verb ? quietened(subject.command(command.verb)) : subject
  leaf.description(command.description)
  for (const positional of command.positionals ?? []) leaf.addArgument(new Argument(positional))
  for (const spec of Object.values(command.options)) leaf.addOption(makeOption(spec))
  for (const spec of Object.values(commonOptions)) leaf.addOption(makeOption(spec).helpGroup('Common options:'))
  return leaf
}

function makeOption(spec: OptionSpec<unknown>): Option {
  const option = new Option(spec.flags, spec.description)
  const { read, many, fallback, required } = spec
  if (read && many) {
    let given: unknown[] | undefined
    option.argParser((input: string) => {
      given = [...(given ?? []), read(input)]
      return given
    })
  } else if (read) option.argParser(read)
  // A default would pass for what was given.
  if (!required && fallback !== undefined && read && !(Array.isArray(fallback) && fallback.length === 0)) {
    option.default(fallback, spec.fallbackText)
  }
  return option
}

/** The values of own and common options under the names of their specs; that required ones are given is checked. */
function readValues(leaf: Commander, command: Command): CommonOptions & Record<string, unknown> {
  const specs: Record<string, OptionSpec<unknown>> = { ...commonOptions, ...command.options }
  const required = new Set<string>(command.requires)
  const values: Record<string, unknown> = {}
  for (const [name, spec] of Object.entries(specs)) {
    const given: unknown = leaf.getOptionValue(new Option(spec.flags).attributeName())
    if (given === undefined && (spec.required || required.has(name))) {
      throw new UsageError(`expected ${spec.flags}`, 'got none', `add it: ${spec.description}`)
    }
    values[name] = given ?? spec.fallback
  }
  return values as unknown as CommonOptions & Record<string, unknown>
}

/** An error of commander as one of ours: expected; got; action. */
function usageError(error: CommanderError, program: Commander, argv: readonly string[]): UsageError {
  const at = commandAt(program, argv)
  const name = fullName(at)
  const help = `see ${name} --help`
  const quoted = /'([^']*)'/.exec(error.message)?.[1] ?? ''
  switch (error.code) {
    case 'commander.unknownOption': {
      const known = at.options.flatMap(option => option.long ?? [])
      const near = nearest(quoted, known)
      return new UsageError(
        `expected an option of ${name}`,
        `got '${quoted}'`,
        near ? `did you mean ${near}? Else ${help}` : help,
      )
    }
    case 'commander.unknownCommand': {
      const known = at.commands.map(c => c.name())
      const near = nearest(quoted, known)
      const kind = at === program ? 'a command' : 'a verb'
      return new UsageError(
        `expected ${kind} of ${known.join(', ')}`,
        `got '${quoted}'`,
        near ? `did you mean '${near}'?` : help,
      )
    }
    case 'commander.help': {
      const kind = at === program ? 'a command' : 'a verb'
      return new UsageError(`expected ${kind} of ${at.commands.map(c => c.name()).join(', ')}`, 'got none', help)
    }
    case 'commander.optionMissingArgument':
      return new UsageError(`expected a value after ${longName(quoted)}`, 'got none', `write ${quoted}`)
    case 'commander.missingArgument':
      return new UsageError(`expected ${quoted.toUpperCase()} after ${name}`, 'got none', help)
    case 'commander.excessArguments':
      return new UsageError(
        `expected no further words after ${name}`,
        `got ${/got (\d+)/.exec(error.message)?.[1] ?? 'more'}`,
        help,
      )
    default:
      return new UsageError(`expected a command line of ${name}`, `got ${error.message.replace(/^error: /, '')}`, help)
  }
}

/** The deepest command that the first words name. */
function commandAt(program: Commander, argv: readonly string[]): Commander {
  let at = program
  for (const word of argv) {
    const next = at.commands.find(c => c.name() === word)
    if (!next) break
    at = next
  }
  return at
}

function fullName(command: Commander): string {
  return command.parent ? `${fullName(command.parent)} ${command.name()}` : command.name()
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}
