import { availableParallelism } from 'node:os'
import { type Key, periodicBox, UsageError, workerPool, wrapPositions } from '../../core/index.js'
import type { Field } from '../../io/galaxies/field.js'
import { cosmologyOf, meanMatterDensity } from '../cosmology/cosmology.js'
import { linearPower, type PowerSpectrum } from '../cosmology/powerSpectrum.js'
import { type Groups, joined } from './fragment.js'
import { lagrangianFactors } from './lagrangian.js'
import { type Forward, gaussianField, inverseLaplacian, makeForward, scaleModes } from './linearField.js'
import { makeSlabWork, type SlabTask, slabsOf } from './slabs.js'

export interface HaloOptions {
  /** omega_m, omega_b, h, n_s, sigma_8; those absent are fiducial */
  readonly theta: Readonly<Record<string, number>>
  /** Side of the periodic box, Mpc/h */
  readonly box: number
  /** Cells a side of the initial conditions, even, 16 to 512 */
  readonly grid: number
  /** So many halos are kept, the heaviest; fewer where the box holds fewer */
  readonly points: number
}

/** Draws halo fields one after another; programs and threads are kept until `close`. */
export interface HaloSimulator {
  run(key: Key, options: HaloOptions): Promise<Field>
  close(): Promise<void>
}

/**
 * Chosen on training fields of PINOCCHIO 5.1, so that halos of the heaviest 5,000 are as many and as close (README.md).
 */
const fragmentOptions = { accretion: 0.455, merging: 0.46, exponent: 0.272, rise: 0.334, calm: 1.2 }

/**
 * Halo fields at z = 0: Gaussian initial conditions, ellipsoidal collapse of the smoothed field (collapse.ts), halos
 * out of collapsed cells in the order of collapse (fragment.ts), moved to where Lagrangian perturbation theory of third
 * order has them (lagrangian.ts).
 *
 * @param threads that share each field; 1 works on the calling thread alone
 */
export function haloSimulator(threads: number = availableParallelism()): HaloSimulator {
  const local = threads > 1 ? undefined : makeSlabWork(1)
  const pool = threads > 1 ? workerPool<SlabTask, readonly Groups[]>(import.meta.url, 'slabWorker', threads) : undefined
  const forward = makeForward(threads)
  const machinery: Machinery = {
    array: length => (pool ? new Float32Array(new SharedArrayBuffer(4 * length)) : new Float32Array(length)),
    forward,
    onSlabs: async (slabs, make) => {
      if (local) return local.run(make(slabs))
      // Slabs are dealt out in rotation, so that all threads have work to the end.
      const shares = Array.from({ length: threads }, (_, i) => slabs.filter((_, at) => at % threads === i))
      const parts = await Promise.all(
        shares.map(async share => (share.length > 0 && pool ? pool.run(make(share)) : [])),
      )
      return slabs.flatMap((_, at) => parts[at % threads].slice(Math.floor(at / threads), Math.floor(at / threads) + 1))
    },
  }
  return {
    run: (key, options) => simulate(key, options, machinery),
    close: async () => {
      await local?.release()
      await pool?.close()
      await forward.close()
    },
  }
}

/** Memory, transforms and work on slabs, on one thread or several. */
interface Machinery {
  /** Zeros, in memory that all threads share. */
  array(length: number): Float32Array
  readonly forward: Forward
  /** Halos slab by slab, in their order; of tasks that write to shared memory an empty list. */
  onSlabs(slabs: SlabTask['slabs'], make: (slabs: SlabTask['slabs']) => SlabTask): Promise<readonly Groups[]>
}

async function simulate(key: Key, options: HaloOptions, machinery: Machinery): Promise<Field> {
  const { box, grid: n, points, theta } = options
  checkGrid(n)
  const cells = await collapsedCells(key, options, machinery)
  const sigma = cellDeviation(linearPower(cosmologyOf(theta)), box / n)
  const task = { kind: 'fragment', n, options: { ...fragmentOptions, sigma }, most: points, ...cells } as const
  // Always two halves, so that the number of threads does not change the result; a grid too small for that is one.
  const halves: SlabTask['slabs'] =
    n < 64
      ? [[0, n]]
      : [
          [0, n / 2],
          [n / 2, n],
        ]
  const groups = joined(await machinery.onSlabs(halves, slabs => ({ ...task, slabs })), points)
  // A single point has no neighbour, so no graph could be made of such a field.
  if (groups.count < 2) {
    throw new UsageError(
      `expected halos in a box of ${box} Mpc/h on cells of ${(box / n).toPrecision(3)} Mpc/h`,
      `got ${groups.count}, because hardly any region of that size has collapsed`,
      'choose a finer --grid or a smaller --box',
    )
  }
  return fieldOf(groups, options)
}

/** When each cell collapses, and where it moves to: the input of `fragment`. */
interface LagrangianCells {
  /** `[n^3]` 1/b */
  readonly collapse: Float32Array
  /** `[n^3, 9]` displacement of first, second and third order today, in cells */
  readonly displacement: Float32Array
}

async function collapsedCells(key: Key, options: HaloOptions, machinery: Machinery): Promise<LagrangianCells> {
  const { box, grid: n, theta } = options
  const { array, forward, onSlabs } = machinery
  const cosmology = cosmologyOf(theta)
  const cell = box / n
  const slabs = slabsOf(n)
  const potentialOf = (modes: Float32Array) => {
    scaleModes(modes, n, box, inverseLaplacian)
    const potential = array(modes.length)
    potential.set(modes)
    return potential
  }
  const first = potentialOf((await gaussianField(key, linearPower(cosmology), { n, box }, forward)).modes)
  const [collapse, source] = [array(n ** 3), array(n ** 3)]
  const deformation = Array.from({ length: 6 }, () => array(n ** 3))
  const [radii, grids] = [smoothingRadii(cell), { n, box, deformation, source }]
  await onSlabs(slabs, slabs => ({ kind: 'collapse', slabs, ...grids, potential: first, radii, collapse }))
  const second = potentialOf(await forward.run(new Float32Array(source), n))
  await onSlabs(slabs, slabs => ({ kind: 'third order', slabs, ...grids, potential: second }))
  const third = potentialOf(await forward.run(new Float32Array(source), n))
  const displacement = array(9 * n ** 3)
  const factors = lagrangianFactors(cosmology).displacement
  for (const [order, potential] of [first, second, third].entries()) {
    const scale = factors[order] / cell
    await onSlabs(slabs, slabs => ({ kind: 'displace', n, box, slabs, potential, scale, order, displacement }))
  }
  return { collapse, displacement }
}

function fieldOf(groups: Groups, { box, grid, points, theta }: HaloOptions): Field {
  const cosmology = cosmologyOf(theta)
  const cell = box / grid
  const count = Math.min(points, groups.count)
  const positions = new Float32Array(count * 3)
  const velocities = new Float32Array(count * 3)
  const rates = lagrangianFactors(cosmology).velocity
  for (let i = 0; i < count; i++)
    for (let axis = 0; axis < 3; axis++) {
      const [one, two, three] = [0, 3, 6].map(order => cell * groups.displacements[i * 9 + order + axis])
      positions[i * 3 + axis] = cell * groups.centres[i * 3 + axis] + one + two + three
      velocities[i * 3 + axis] = rates[0] * one + rates[1] * two + rates[2] * three
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

/**
 * Standard deviation of the linear density on a grid: of modes up to the wave number whose sphere holds as many as the
 * grid has cells.
 */
function cellDeviation(power: PowerSpectrum, cell: number): number {
  const most = (6 * Math.PI ** 2) ** (1 / 3) / cell
  const intervals = 4000
  let sum = 0
  for (let i = 0; i < intervals; i++) {
    const k = ((i + 0.5) / intervals) * most
    sum += k * k * power(k)
  }
  return Math.sqrt((sum * most) / intervals / (2 * Math.PI ** 2))
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
