import { type Field, UsageError, workerPool } from '../../core/index.js'
import { createFields } from '../../io/galaxies/index.js'
import { type Design, design, fiducial } from '../../simulators/index.js'
import type { RunContext } from '../run/context.js'
import { refuseOverwrite } from '../run/overwrite.js'
import type { SimulateOptions } from './options.js'
import type { SimulateTask } from './simulateWorker.js'

/** `stipple galaxies simulate`: halo fields at the cosmologies of a design, drawn in parallel, written in the design's order. */
export async function simulateGalaxies(options: SimulateOptions, context: RunContext): Promise<void> {
  const out = options.out ?? ''
  await refuseOverwrite(out, options.force)
  const thetas = await cosmologies(options)
  const pool = workerPool<SimulateTask, Field>(import.meta.url, 'simulateWorker', Math.min(options.threads, options.n))
  const progress = context.progress(options.n, 'simulating fields')
  const started = performance.now()
  const file = await createFields(out, { seed: options.seed, points: options.points, force: options.force })
  try {
    // At most two tasks a thread are under way: finished fields wait for their turn, and memory stays bounded.
    const underWay: Promise<Field>[] = []
    for (let i = 0; i < options.n || underWay.length > 0; ) {
      while (i < options.n && underWay.length < 2 * options.threads) {
        const halos = { theta: thetas[i], box: options.box, grid: options.grid, points: options.points }
        const field = pool.run({ key: context.key.split('field').split(i).words, halos }, context.signal)
        // An error is thrown when its turn comes; where another came first, it must not count as unhandled and speak over it.
        field.catch(() => {})
        underWay.push(field)
        i++
      }
      const field = await underWay.shift()
      context.signal.throwIfAborted()
      if (field) file.append(field)
      progress.advance()
    }
    file.close()
  } finally {
    file.discard()
    progress.stop()
    await pool.close()
  }
  const seconds = (performance.now() - started) / 1000
  context.print(`${options.n} fields in ${out}`)
  context.json({ out, n: options.n, seconds_per_field: seconds / options.n })
}

/** One cosmology for all where both parameters are named, the design's otherwise. */
async function cosmologies(options: SimulateOptions): Promise<Design> {
  const { omegaM, sigma8 } = options
  if ((omegaM === undefined) !== (sigma8 === undefined)) {
    throw new UsageError('expected both --omega-m and --sigma-8', 'got one of them', 'name both, or neither and a --design')
  }
  if (omegaM === undefined || sigma8 === undefined) return design(options.design, options.n)
  if (!(omegaM > fiducial.omega_b && omegaM < 1) || !(sigma8 > 0)) {
    throw new UsageError(
      'expected --omega-m between the baryon density and 1, and --sigma-8 above 0',
      `got ${omegaM} and ${sigma8}`,
      'correct them',
    )
  }
  return Array.from({ length: options.n }, () => ({ ...fiducial, omega_m: omegaM, sigma_8: sigma8 }))
}
