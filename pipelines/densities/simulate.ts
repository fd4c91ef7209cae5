import { UsageError, workerPool } from '../../core/index.js'
import { isProduct } from '../../generative/prior/index.js'
import { createHdf5 } from '../../io/hdf5/index.js'
import { rootAttributes } from '../../io/rootAttributes.js'
import { taskNamed, tasks } from '../../simulators/tasks/index.js'
import type { CommonOptions, RunContext } from '../run/context.js'
import { inParallel } from '../run/concurrency.js'
import { nearest } from '../run/nearest.js'
import { refuseOverwrite } from '../run/overwrite.js'
import type { SimulateBlock, SimulatedBlock } from './simulateTaskWorker.js'

export interface SimulateDensitiesOptions extends CommonOptions {
  /** a benchmark task */
  readonly task: string
  readonly n: number
}

/** Rows of a block, which a thread simulates before it hands them over. */
const BLOCK = 1000

/**
 * `stipple densities simulate`: pairs of a standard task as the datasets `theta` and `x`, with their names; theta from
 * the task's prior, which the file tells where it is one of independent parameters. Each block is drawn from a key of
 * its own number, so that the file does not depend on the threads. Simulations that failed are rows of NaN, and
 * counted.
 *
 * JSON: `out`, `n`, `task`, `seconds_per_field` (a simulation), `simulations_per_second`, `failed`.
 */
export async function simulateDensities(options: SimulateDensitiesOptions, context: RunContext): Promise<void> {
  const { task: name, n, seed, force, out = '' } = options
  if (!tasks.has(name))
    throw new UsageError(
      `expected --task to be one of ${[...tasks.keys()].join(', ')}`,
      name === '' ? 'got none' : `got '${name}'`,
      name === '' ? 'name one' : `did you mean ${nearest(name, tasks.keys())}?`,
    )
  const task = taskNamed(name)
  if (!/\.(h5|hdf5)$/i.test(out))
    throw new UsageError('expected --out to end in .h5', `got ${out}`, 'name an HDF5 file')
  await refuseOverwrite(out, force)
  const [p, d] = [task.prior.names.length, task.dataNames.length]
  const prior: Record<string, string> = isProduct(task.prior) ? { prior: JSON.stringify(task.prior.marginals) } : {}
  const writer = await createHdf5(out, {
    force,
    attributes: { ...rootAttributes('densities', seed), task: name, ...prior },
  })
  const blocks = Array.from({ length: Math.ceil(n / BLOCK) }, (_, index) => ({
    index,
    rows: Math.min(BLOCK, n - index * BLOCK),
  }))
  const threads = Math.min(options.threads, blocks.length)
  const pool = workerPool<SimulateBlock, SimulatedBlock>(import.meta.url, 'simulateTaskWorker', threads)
  const progress = context.progress(n, 'simulations')
  const started = performance.now()
  let failed = 0
  try {
    const theta = writer.appendable('theta', 'f4', [p], {
      units: '',
      attributes: { names: task.prior.names },
    })
    const x = writer.appendable('x', 'f4', [d], { units: '', attributes: { names: task.dataNames } })
    const ahead = new Map<number, SimulatedBlock>()
    let next = 0
    await inParallel(blocks, 2 * threads, async ({ index, rows }) => {
      context.signal.throwIfAborted()
      ahead.set(index, await pool.run({ task: name, key: context.key.words, index, rows }, context.signal))
      progress.advance(rows)
      for (let block = ahead.get(next); block; block = ahead.get(next)) {
        ahead.delete(next++)
        for (let at = 0; at < block.x.length; at += d) if (Number.isNaN(block.x[at])) failed++
        theta.append(block.theta)
        x.append(block.x)
      }
    })
    writer.attributes('/', { failed })
    writer.close()
  } finally {
    progress.stop()
    await pool.close()
    writer.discard()
  }
  const seconds = (performance.now() - started) / 1000
  if (failed > 0) context.log.warn(`${failed} of ${n} simulations failed: their x is NaN`)
  context.log.info(`${Math.round(n / seconds)} simulations a second`)
  context.print(`${n} simulations of ${name} in ${out}`)
  context.json({
    out,
    n,
    task: name,
    seconds_per_field: seconds / n,
    simulations_per_second: n / seconds,
    failed,
  })
}
