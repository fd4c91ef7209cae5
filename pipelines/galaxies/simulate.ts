import { keyOf, UsageError, workerPool } from '../../core/index.js'
import { type Field, fields } from '../../io/galaxies/index.js'
import { checkGrid, type Design, design, fiducial, haloSimulator } from '../../simulators/index.js'
import type { Making } from '../case.js'
import type { CommonOptions, RunContext } from '../run/context.js'
import type { SimulateTask } from './simulateWorker.js'

/** Lengths in Mpc/h. */
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

/**
 * `stipple galaxies simulate`: halo fields at the cosmologies of a design, written in the design's order. Many fields
 * go to a thread each; fewer fields than threads one after another on all threads.
 */
export async function planSimulation(options: SimulateOptions, context: RunContext): Promise<Making<Field>> {
  const { n, seed, points, box, grid, threads } = options
  checkGrid(grid)
  const cosmologies = await cosmologiesOf(options)
  return {
    kind: fields,
    n,
    identity: { n, seed, points, box, grid, cosmologies },
    block: 1,
    label: 'simulating fields',
    points,
    open(blocks) {
      const simulator = simulatorFor(blocks, threads, context.signal)
      return {
        atOnce: simulator.atOnce,
        async make({ index }) {
          const key = context.key.split('field').split(index).words
          return { objects: [await simulator.run({ key, halos: { theta: cosmologies[index], box, grid, points } })] }
        },
        close: simulator.close,
      }
    },
  }
}

interface Simulator {
  readonly atOnce: number
  run(task: SimulateTask): Promise<Field>
  close(): Promise<void>
}

/** A thread a field, or where there are fewer fields than threads, all threads to one field after the other. */
function simulatorFor(fields: number, threads: number, signal: AbortSignal): Simulator {
  if (fields < threads) {
    const { run, close } = haloSimulator(threads)
    return {
      atOnce: 1,
      run: async ({ key, halos }) => {
        signal.throwIfAborted()
        return run(keyOf(...key), halos)
      },
      close,
    }
  }
  const pool = workerPool<SimulateTask, Field>(
    import.meta.url,
    'simulateWorker',
    Math.min(threads, Math.max(1, fields)),
  )
  return { atOnce: 2 * pool.threads, run: task => pool.run(task, signal), close: pool.close }
}

/** One cosmology for all where omega_m and sigma_8 are named, the design's otherwise. */
async function cosmologiesOf(options: SimulateOptions): Promise<Design> {
  const { omegaM, sigma8, omegaB, h, nS } = options
  if ((omegaM === undefined) !== (sigma8 === undefined)) {
    throw new UsageError(
      'expected both --omega-m and --sigma-8',
      'got one of them',
      'name both, or neither and a --design',
    )
  }
  if (omegaM === undefined || sigma8 === undefined) {
    if (omegaB === undefined && h === undefined && nS === undefined) return design(options.design, options.n)
    throw new UsageError(
      'expected --omega-b, --h and --n-s beside --omega-m and --sigma-8 alone',
      'got a design, which has its own',
      'name --omega-m and --sigma-8 too, or omit the others',
    )
  }
  const theta = {
    omega_m: omegaM,
    omega_b: omegaB ?? fiducial.omega_b,
    h: h ?? fiducial.h,
    n_s: nS ?? fiducial.n_s,
    sigma_8: sigma8,
  }
  if (!(theta.omega_b > 0 && omegaM > theta.omega_b && omegaM < 1) || !(sigma8 > 0) || !(theta.h > 0)) {
    throw new UsageError(
      'expected --omega-m between the baryon density and 1, and --omega-b, --h and --sigma-8 above 0',
      `got ${omegaM}, ${theta.omega_b}, ${theta.h} and ${sigma8}`,
      'correct them',
    )
  }
  return Array.from({ length: options.n }, () => theta)
}
