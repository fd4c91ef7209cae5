import type { OptionSpecs, OptionValues } from '../pipelines/options.js'
import type { CommonOptions, RunContext } from '../pipelines/run/context.js'

/** One command of the command line. A file in `commands/` holds one; heavy modules are imported inside `run`. */
export interface CommandDefinition<O extends OptionSpecs> {
  /** `galaxies`; a command that stands alone has no verb. */
  readonly subject: string
  /** what the subject is, for the help; where absent, the subject's name */
  readonly about?: string
  readonly verb?: string
  readonly description: string
  /** As `<file>` (needed), `[file]`, `[names...]`. */
  readonly positionals?: readonly string[]
  readonly options: O
  /** Common options that this command cannot do without. */
  readonly requires?: readonly (keyof CommonOptions)[]
  run(options: CommonOptions & OptionValues<O>, context: RunContext, positionals: readonly string[]): Promise<void>
}

/** A command with the types of its own options put away, so that all commands lie in one table. */
export type Command = CommandDefinition<OptionSpecs>

export function defineCommand<const O extends OptionSpecs>(definition: CommandDefinition<O>): Command {
  return {
    ...definition,
    run: (options, context, positionals) =>
      definition.run(options as CommonOptions & OptionValues<O>, context, positionals),
  }
}
