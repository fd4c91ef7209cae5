/**
 * The stars of one dwarf galaxy as they are seen on the sky. Only real stars, no padding.
 * Positions are tangential kpc from the galaxy's centre; velocities are along the line of sight, from the Sun away.
 */
export interface Dwarf {
  readonly stars: number
  /** `[stars, 2]` kpc */
  readonly positions: Float32Array
  /** `[stars]` km/s; simulated galaxies are at rest, measured ones are not */
  readonly velocities: Float32Array
  /** `[stars]` km/s, one standard deviation; 0 where a velocity is exact */
  readonly velocityErrors: Float32Array
  /** `[stars]` probability that a star belongs to the galaxy; absent where all do */
  readonly membership?: Float32Array
  /** Parameter name to value, see simulators/dwarfs/prior.ts; empty for measured galaxies */
  readonly theta: Readonly<Record<string, number>>
}
