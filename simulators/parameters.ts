import type { DifferentiablePrior } from '../generative/prior/index.js'

/**
 * Names, units and labels of the parameters of a model, and their prior, in one place; all four agree in number and
 * order.
 */
export interface Parameters {
  /** `[p]`, as files and options name them: `omega_m` */
  readonly names: readonly string[]
  /** `[p]`: `km/s`, or '' where a parameter has no unit */
  readonly units: readonly string[]
  /** `[p]`, in the notation of the field, as a figure names them */
  readonly labels: readonly string[]
  readonly prior: DifferentiablePrior
}
