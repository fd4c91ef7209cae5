import { type Field, type Key, periodicBox, UsageError, wrapPositions } from '../../core/index.js'
import { cosmologyOf, meanMatterDensity } from '../cosmology/cosmology.js'
import { growthRate } from '../cosmology/growth.js'
import { linearPower, topHat } from '../cosmology/powerSpectrum.js'
import { displacement, gaussianField } from './linearField.js'
import { peakPatches } from './peakPatch.js'

export interface HaloOptions {
  /** omega_m, omega_b, h, n_s, sigma_8; what is not named is fiducial */
  readonly theta: Readonly<Record<string, number>>
  /** Side of the periodic box, Mpc/h */
  readonly box: number
  /** Cells a side of the initial conditions, a power of two */
  readonly grid: number
  /** The heaviest so many halos are kept; fewer where the box holds fewer */
  readonly points: number
}

/**
 * One halo field at z = 0: Gaussian initial conditions, halos as peak patches, moved and given velocities by Zel'dovich's
 * approximation (velocity = 100 f psi km/s for displacements in Mpc/h, today). First order, spherical collapse:
 * good for large scales; exclusion and small scales are approximate. Masses are 4/3 pi R^3 times the mean density.
 *
 * @returns positions Mpc/h, velocities km/s, log10 Msun/h, heaviest first
 */
export function simulateHalos(key: Key, options: HaloOptions): Field {
  const { box, grid, points } = options
  if (grid < 16 || (grid & (grid - 1)) !== 0) {
    throw new UsageError('expected --grid to be a power of two, 16 or more', `got ${grid}`, 'choose 64, 128 or 256')
  }
  const cosmology = cosmologyOf(options.theta)
  const field = gaussianField(key, linearPower(cosmology), grid, box)
  const density = meanMatterDensity(cosmology)
  const patches = peakPatches(field, filterRadii(box / grid))
  // A single point has no neighbour: such a field could be read by nobody.
  if (patches.count < 2) {
    throw new UsageError(
      `expected halos in a box of ${box} Mpc/h on cells of ${(box / grid).toPrecision(3)} Mpc/h`,
      `got ${patches.count}, for hardly a region of that size has collapsed`,
      'take a finer --grid or a smaller --box',
    )
  }
  const count = Math.min(points, patches.count)
  // A halo moves with the mean displacement of its own matter: smoothed on the typical patch.
  const typical = patches.radii[Math.floor(count / 2)]
  const psi = displacement(field, k => topHat(k * typical))
  const rate = 100 * growthRate(cosmology, 1)
  const positions = new Float32Array(count * 3)
  const velocities = new Float32Array(count * 3)
  const logMass = new Float32Array(count)
  const cell = box / grid
  for (let i = 0; i < count; i++) {
    const at = [0, 1, 2].reduce((sum, a) => {
      const index = Math.round(patches.centres[i * 3 + a] / cell)
      return sum * grid + (((index % grid) + grid) % grid)
    }, 0)
    for (let a = 0; a < 3; a++) {
      positions[i * 3 + a] = patches.centres[i * 3 + a] + psi[a][at]
      velocities[i * 3 + a] = rate * psi[a][at]
    }
    logMass[i] = Math.log10(((4 * Math.PI) / 3) * patches.radii[i] ** 3 * density)
  }
  return {
    points: count,
    positions: wrapPositions(positions, periodicBox(box)),
    velocities,
    logMass,
    box: periodicBox(box),
    theta: options.theta,
  }
}

/** Spheres from 32 Mpc/h down to 1.2 cells, in steps of at most 8%, even in number. */
function filterRadii(cell: number): number[] {
  const [largest, smallest] = [Math.max(32, 4 * cell), 1.2 * cell]
  const steps = 2 * Math.ceil(Math.log(largest / smallest) / Math.log(1.08) / 2)
  return Array.from({ length: steps }, (_, i) => largest * (smallest / largest) ** (i / (steps - 1)))
}
