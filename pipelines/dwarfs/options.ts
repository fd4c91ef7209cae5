import type { CommonOptions } from '../run/context.js'

/** What the verbs of `stipple dwarfs` take beside the common options (COMMANDS.md, "Subjects"). */
export interface TrainOptions extends CommonOptions {
  readonly data: readonly string[]
}

/** `npe`: the trained network; `jeans`: the Jeans analysis by MCMC. */
export type Method = 'npe' | 'jeans'

export interface InferOptions extends CommonOptions {
  /** which galaxy of a file of several */
  readonly index: number
  readonly method: Method
  /** kpc */
  readonly distance?: number
  /** a name of the Local Volume Database */
  readonly galaxy?: string
  /** draws */
  readonly n: number
  /** a user's prior, a JSON file */
  readonly prior?: string
  /** half-angle of the cone of J and D, degrees */
  readonly angle: number
  /** html; default beside --out */
  readonly page?: string
}

export interface EvaluateOptions extends CommonOptions {
  readonly data: readonly string[]
  readonly method: Method
  /** at most so many galaxies, the first ones; 0 for all */
  readonly galaxies: number
  /** draws a galaxy */
  readonly n: number
}
