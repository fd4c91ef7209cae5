import { stat } from 'node:fs/promises'
import { Interrupted, keyOf, UsageError, workerPool } from '../../core/index.js'
import type { Field } from '../../io/galaxies/field.js'
import { type FieldParts, openParts } from '../../io/galaxies/index.js'
import { checkGrid, type Design, design, fiducial, haloSimulator } from '../../simulators/index.js'
import type { RunContext } from '../run/context.js'
import { inParallel } from '../run/concurrency.js'
import { refuseOverwrite } from '../run/overwrite.js'
import type { SimulateOptions } from './options.js'
import type { SimulateTask } from './simulateWorker.js'

/**
 * `stipple galaxies simulate`: halo fields at the cosmologies of a design, written in the design's order. Many fields
 * go to a thread each; fewer fields than threads one after another on all threads. Interrupted, it leaves the fields
 * that are done beside `--out`, and `--resume` goes on.
 */
export async function simulateGalaxies(options: SimulateOptions, context: RunContext): Promise<void> {
  const { n, seed, points, box, grid, force, resume } = options
  const out = options.out ?? ''
  if (resume && (await stat(out).catch(() => undefined))?.isFile()) {
    context.print(`${out} is there already`)
    context.json({ out, n, seconds_per_field: 0 })
    return
  }
  await refuseOverwrite(out, force)
  checkGrid(grid)
  const thetas = await cosmologies(options)
  const identity = { n, seed, points, box, grid, cosmologies: thetas }
  const finished = openParts(out, identity, { resume, force })
  const tasks = thetas.flatMap((theta, index) =>
    finished.has(index)
      ? []
      : [{ index, key: context.key.split('field').split(index).words, halos: { theta, box, grid, points } }],
  )
  const started = performance.now()
  try {
    await simulateAll(tasks, finished, options, context)
    await finished.join(n, { seed, points, force }, context.signal)
  } catch (error) {
    // What is done stays for --resume; after a failure, as of the disk, nothing does.
    if (!(error instanceof Interrupted || context.signal.aborted || resume)) finished.remove()
    throw error
  }
  const seconds = (performance.now() - started) / 1000
  context.print(`${n} fields in ${out}`)
  context.json({ out, n, seconds_per_field: tasks.length > 0 ? seconds / tasks.length : 0 })
}

type IndexedTask = SimulateTask & { readonly index: number }

/** Fields come back in whatever order; each is put away as it comes, so memory stays bounded. */
async function simulateAll(
  tasks: readonly IndexedTask[],
  finished: FieldParts,
  options: SimulateOptions,
  context: RunContext,
): Promise<void> {
  const progress = context.progress(options.n, 'simulating fields')
  progress.advance(options.n - tasks.length)
  const simulator = simulatorFor(tasks.length, options.threads, context.signal)
  try {
    // Two under way a thread: one is worked on, one waits for its turn.
    await inParallel(tasks, simulator.atOnce, async ({ index, ...task }) => {
      const field = await simulator.run(task)
      context.signal.throwIfAborted()
      finished.write(index, field)
      progress.advance()
    })
  } finally {
    progress.stop()
    await simulator.close()
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
async function cosmologies(options: SimulateOptions): Promise<Design> {
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
      'name --omega-m and --sigma-8 too, or leave the others away',
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
