import type { CommonOptions } from '../run/context.js'

/** What the verbs of `stipple galaxies` take beside the common options (COMMANDS.md, "Subjects"). Lengths in Mpc/h. */
export interface SimulateOptions extends CommonOptions {
  readonly n: number
  /** `quijote`, `sobol`, or the path of a csv with named columns. */
  readonly design: string
  /** With `sigma8`: one cosmology for all fields; of the others what is not named is fiducial. */
  readonly omegaM?: number
  readonly sigma8?: number
  readonly omegaB?: number
  readonly h?: number
  readonly nS?: number
  readonly points: number
  readonly box: number
  readonly grid: number
}

export interface TrainOptions extends CommonOptions {
  readonly data: readonly string[]
  readonly network?: 'transformer' | 'gnn' | 'egnn'
  readonly objective?: 'vdm' | 'eps' | 'x' | 'v' | 'flow-matching'
}

export interface SampleOptions extends CommonOptions {
  readonly omegaM?: number
  readonly sigma8?: number
  readonly omegaB?: number
  readonly h?: number
  readonly nS?: number
  /** Parameters not named are held at the fiducial cosmology instead of drawn from the prior. */
  readonly fiducialRest: boolean
  readonly n: number
  /** Side of the periodic box; default that of the model's training. */
  readonly box?: number
  /** Halos a field, the heaviest; default the model's number density times the volume. */
  readonly points?: number
  /** log10 Msun/h: halos down to this mass instead of a number of them. */
  readonly logMassMin?: number
  readonly steps: number
  /** Without one, the best that the model has within `steps`. */
  readonly sampler?: 'ladder' | 'ancestral' | 'ddim' | 'dpmpp-2m' | 'heun' | 'heun-sde' | 'ode'
}

export interface EvaluateOptions extends CommonOptions {
  readonly data: readonly string[]
  readonly samples?: string
  /** Fields drawn beside each simulated one, and how, where no file of samples is given. */
  readonly n?: number
  readonly steps?: number
  readonly sampler?: SampleOptions['sampler']
}
