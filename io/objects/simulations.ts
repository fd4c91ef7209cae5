import type { ObjectKind } from './kind.js'

/** One simulation of a table: parameters and what was simulated at them. Rows of one table share their names. */
export interface Simulation {
  /** `[p]`, in the units of the prior */
  readonly theta: Float32Array
  /** `[d]`; NaN where the simulation failed */
  readonly x: Float32Array
  /** `[p]` */
  readonly thetaNames: readonly string[]
  /** `[d]` */
  readonly xNames: readonly string[]
}

/**
 * Tables of simulations, `theta [n, p]` and `x [n, d]` with their names. `simulate` writes the attributes `task`,
 * `prior` (of independent parameters, as JSON) and `failed`, the number of rows of NaN.
 */
export const simulations: ObjectKind<Simulation> = {
  subject: 'densities',
  noun: 'simulations',
  one: 'simulation',
  columns: [
    { name: 'theta', property: 'theta', shape: 'row', dtype: 'f4', units: '', names: 'thetaNames' },
    { name: 'x', property: 'x', shape: 'row', dtype: 'f4', units: '', names: 'xNames' },
  ],
  looksLike(shapes) {
    const names = [...shapes.keys()]
    const some = (prefix: string) => names.some(name => name.startsWith(prefix))
    return (shapes.has('theta') && shapes.has('x')) || (some('theta_') && some('x_'))
  },
}
