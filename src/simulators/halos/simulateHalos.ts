import { availableParallelism } from 'node:os'
import { type Field, type Key, periodicBox, UsageError, workerPool, wrapPositions } from '../../core/index.js'
import { cosmologyOf, meanMatterDensity } from '../cosmology/cosmology.js'
import { linearPower } from '../cosmology/powerSpectrum.js'
import { fragment, type Groups } from './fragment.js'
import { lagrangianFactors } from './lagrangian.js'
import { gaussianField, inverseLaplacian, makeForward, scaleModes } from './linearField.js'
import { makeSlabWork, type SlabTask, slabsOf } from './slabs.js'

export interface HaloOptions {
  /** omega_m, omega_b, h, n_s, sigma_8; what is not named is fiducial */
  readonly theta: Readonly<Record<string, number>>
  /** Side of the periodic box, Mpc/h */
  readonly box: number
  /** Cells a side of the initial conditions, even, 16 to 512 */
  readonly grid: number
  /** The heaviest so many halos are kept; fewer where the box holds fewer */
  readonly points: number
}

/** Draws halo fields one after another; programs and threads are kept until `close`. */
export interface HaloSimulator {
  run(key: Key, options: HaloOptions): Promise<Field>
  close(): Promise<void>
}

const fragmentOptions = { accretion: 0.47, merging: 0.47, exponent: 0.275 }

/**
 * Halo fields at z = 0: Gaussian initial conditions, ellipsoidal collapse of the smoothed field (collapse.ts), halos out of collapsed cells in
 * the order of collapse (fragment.ts), moved to where second-order Lagrangian perturbation theory has them (lagrangian.ts).
 *
 * @param threads that share each field; 1 works on the calling thread alone
 */
export function haloSimulator(threads: number = availableParallelism()): HaloSimulator {
  const local = makeSlabWork(threads)
  const pool = threads > 1 ? workerPool<SlabTask, void>(import.meta.url, 'slabWorker', threads) : undefined
  const onSlabs = async (make: (slabs: SlabTask['slabs']) => SlabTask, n: number): Promise<void> => {
    const slabs = slabsOf(n)
    if (!pool) return local.run(make(slabs))
    // Slabs in turn, so that all threads have work to the end.
    await Promise.all(Array.from({ length: threads }, (_, i) => pool.run(make(slabs.filter((_, at) => at % threads === i)))))
  }
  return {
    run: (key, options) => simulate(key, options, threads, onSlabs),
    close: async () => {
      await local.release()
      await pool?.close()
    },
  }
}

type OnSlabs = (make: (slabs: SlabTask['slabs']) => SlabTask, n: number) => Promise<void>

async function simulate(key: Key, options: HaloOptions, threads: number, onSlabs: OnSlabs): Promise<Field> {
  const { box, grid: n } = options
  checkGrid(n)
  const { collapse, displacement } = await collapsedCells(key, options, threads, onSlabs)
  const groups = fragment(n, collapse, displacement, fragmentOptions)
  // A single point has no neighbour: such a field could be read by nobody.
  if (groups.count < 2) {
    throw new UsageError(
      `expected halos in a box of ${box} Mpc/h on cells of ${(box / n).toPrecision(3)} Mpc/h`,
      `got ${groups.count}, for hardly a region of that size has collapsed`,
      'take a finer --grid or a smaller --box',
    )
  }
  return fieldOf(groups, options)
}

/** When each cell collapses, and where it moves to: what fragment() takes. */
export interface LagrangianCells {
  /** `[n^3]` 1/b */
  readonly collapse: Float32Array
  /** `[n^3, 6]` first- and second-order displacement today, in cells */
  readonly displacement: Float32Array
}

export async function collapsedCells(
  key: Key,
  options: HaloOptions,
  threads: number,
  onSlabs: OnSlabs,
): Promise<LagrangianCells> {
  const { box, grid: n, theta } = options
  const cosmology = cosmologyOf(theta)
  const cell = box / n
  const forward = await makeForward(n, threads)
  try {
    const { modes } = await gaussianField(key, linearPower(cosmology), n, box, forward)
    scaleModes(modes, n, box, inverseLaplacian)
    const potential = shared(modes, threads)
    const [collapse, source] = [sharedArray(n ** 3, threads), sharedArray(n ** 3, threads)]
    const radii = smoothingRadii(cell)
    await onSlabs(slabs => ({ kind: 'collapse', n, box, slabs, potential, radii, collapse, source }), n)
    const second = await forward.run(new Float32Array(source))
    scaleModes(second, n, box, inverseLaplacian)
    const displacement = sharedArray(6 * n ** 3, threads)
    const scales = [1 / cell, lagrangianFactors(cosmology).second / cell] as const
    const both = { potential, second: shared(second, threads) }
    await onSlabs(slabs => ({ kind: 'displace', n, box, slabs, ...both, displacement, scales }), n)
    return { collapse, displacement }
  } finally {
    await forward.release()
  }
}

export function fieldOf(groups: Groups, { box, grid, points, theta }: HaloOptions): Field {
  const cosmology = cosmologyOf(theta)
  const cell = box / grid
  const count = Math.min(points, groups.count)
  const positions = new Float32Array(count * 3)
  const velocities = new Float32Array(count * 3)
  const factors = lagrangianFactors(cosmology)
  const [first, second] = [factors.velocity[0], factors.velocity[1] / factors.second]
  for (let i = 0; i < count; i++)
    for (let axis = 0; axis < 3; axis++) {
      const [one, two] = [groups.displacements[i * 6 + axis], groups.displacements[i * 6 + 3 + axis]]
      positions[i * 3 + axis] = cell * (groups.centres[i * 3 + axis] + one + two)
      velocities[i * 3 + axis] = cell * (first * one + second * two)
    }
  const cellMass = meanMatterDensity(cosmology) * cell ** 3
  return {
    points: count,
    positions: wrapPositions(positions, periodicBox(box)),
    velocities,
    logMass: Float32Array.from({ length: count }, (_, i) => Math.log10(groups.sizes[i] * cellMass)),
    box: periodicBox(box),
    theta,
  }
}

/** @throws UsageError for a grid that the transforms do not take */
export function checkGrid(n: number): void {
  if (Number.isInteger(n) && n % 2 === 0 && n >= 16 && n <= 512) return
  throw new UsageError('expected --grid to be an even number from 16 to 512', `got ${n}`, 'choose 96, 128 or 192')
}

/** Radii of the Gaussian filters in Mpc/h, in steps of a factor up to the largest halos, and the field as it is. */
function smoothingRadii(cell: number): number[] {
  const radii: number[] = []
  for (let radius = Math.max(14, 2.7 * cell); radius > 0.7 * cell; radius /= 1.45) radii.push(radius)
  return [...radii, 0]
}

function sharedArray(length: number, threads: number): Float32Array {
  return threads > 1 ? new Float32Array(new SharedArrayBuffer(4 * length)) : new Float32Array(length)
}

function shared(values: Float32Array, threads: number): Float32Array {
  if (threads === 1) return values
  const out = sharedArray(values.length, threads)
  out.set(values)
  return out
}
