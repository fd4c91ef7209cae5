import type { CommonOptions, RunContext } from '../pipelines/run/context.js'
import type { OptionSpec } from '../pipelines/options.js'

export type OptionSpecs = Readonly<Record<string, OptionSpec<unknown>>>

export type OptionValues<O extends OptionSpecs> = {
  readonly [K in keyof O]: O[K] extends OptionSpec<infer T> ? T : never
}

/** One command of the command line. A file in `commands/` holds one; heavy modules are imported inside `run`. */
export interface CommandDefinition<O extends OptionSpecs> {
  /** `galaxies`; a command that stands alone has no verb. */
  readonly subject: string
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
