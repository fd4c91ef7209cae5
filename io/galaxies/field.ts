import type { Box } from '../../core/index.js'

/**
 * One halo (or galaxy) field: what a simulation box becomes once read. Only real points, no padding.
 * Positions Mpc/h in [0, box); velocities km/s; masses log10 Msun/h, heaviest first.
 */
export interface Field {
  readonly points: number
  /** `[points, 3]` Mpc/h */
  readonly positions: Float32Array
  /** `[points, 3]` km/s */
  readonly velocities?: Float32Array
  /** `[points]` log10 Msun/h */
  readonly logMass?: Float32Array
  /** Mpc/h along each axis */
  readonly box: Box
  /** Parameter name to value, for example `omega_m: 0.3` */
  readonly theta: Readonly<Record<string, number>>
}
