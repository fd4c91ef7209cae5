import type { MethodName } from '../../generative/sbi/index.js'
import type { CommonOptions } from '../run/context.js'

/** What the verbs of `stipple densities` take beside the common options (COMMANDS.md, "Subjects"). */
export interface TrainOptions extends CommonOptions {
  readonly data: readonly string[]
  readonly method?: MethodName
  /** a JSON file */
  readonly prior?: string
  readonly rounds: number
  /** the simulator, a shell command */
  readonly command?: string
  /** what the rounds look at, a csv */
  readonly observation?: string
  /** simulations a round, with `command` */
  readonly simulations: number
}

export interface InferOptions extends CommonOptions {
  /** a csv of one row */
  readonly observation: string
  readonly n: number
  /** html; default beside --out */
  readonly page?: string
  /** simulates draws anew for the predictive check */
  readonly command?: string
}

export interface EvaluateOptions extends CommonOptions {
  /** a benchmark task */
  readonly task?: string
  readonly method?: MethodName
  readonly simulations: number
  /** of the task: which of its observations */
  readonly index: number
  /** simulations to judge a run by */
  readonly data: readonly string[]
  /** draws: of the task's posterior, or for each row of `data` */
  readonly n?: number
  /** rows of `data` at most */
  readonly rows: number
}
