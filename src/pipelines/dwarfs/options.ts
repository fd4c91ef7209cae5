import type { CommonOptions } from '../run/context.js'

/** What the verbs of `stipple dwarfs` take beside the common options (COMMANDS.md, "Subjects"). */
export interface TrainOptions extends CommonOptions {
  readonly data: readonly string[]
}
