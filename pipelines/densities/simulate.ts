import { UsageError, workerPool } from '../../core/index.js'
import { isProduct } from '../../generative/prior/index.js'
import { type Simulation, simulations } from '../../io/objects/index.js'
import { taskNamed, tasks } from '../../simulators/tasks/index.js'
import type { Making } from '../case.js'
import type { CommonOptions, RunContext } from '../run/context.js'
import { nearest } from '../run/nearest.js'
import type { SimulateBlock, SimulatedBlock } from './simulateTaskWorker.js'

export interface SimulateDensitiesOptions extends CommonOptions {
  /** a benchmark task */
  readonly task: string
  readonly n: number
}

/** Rows of a block, which a thread simulates before it hands them over. */
const block = 1000

/**
 * `stipple densities simulate`: pairs of a standard task as the datasets `theta` and `x`, with their names; theta from
 * the task's prior, which the file holds where it is one of independent parameters. Each block is drawn from a key of
 * its own number, so that the file does not depend on the threads. Simulations that failed are rows of NaN, and
 * counted.
 *
 * JSON besides: `task`, `simulations_per_second`, `failed`.
 */
export async function planSimulation(
  { task: name, n, seed, threads, out = '' }: SimulateDensitiesOptions,
  context: RunContext,
): Promise<Making<Simulation>> {
  if (!tasks.has(name))
    throw new UsageError(
      `expected --task to be one of ${[...tasks.keys()].join(', ')}`,
      name === '' ? 'got none' : `got '${name}'`,
      name === '' ? 'name one' : `did you mean ${nearest(name, tasks.keys())}?`,
    )
  if (!/\.(h5|hdf5|arrow)$/i.test(out)) {
    throw new UsageError('expected --out to end in .h5 or .arrow', `got ${out}`, 'choose one of them')
  }
  const { prior, dataNames } = taskNamed(name)
  const [p, d] = [prior.names.length, dataNames.length]
  const priorAttribute: Record<string, string> = isProduct(prior) ? { prior: JSON.stringify(prior.marginals) } : {}
  const key = context.key.words
  return {
    kind: simulations,
    n,
    identity: { task: name, n, seed },
    block,
    label: 'simulations',
    attributes: { task: name, ...priorAttribute },
    closing: ({ failed }) => ({ failed }),
    open(blocks) {
      const pool = workerPool<SimulateBlock, SimulatedBlock>(
        import.meta.url,
        'simulateTaskWorker',
        Math.min(threads, blocks),
      )
      return {
        atOnce: 2 * pool.threads,
        async make({ index, from, to }) {
          const { theta, x } = await pool.run({ task: name, key, index, rows: to - from }, context.signal)
          const objects = Array.from({ length: to - from }, (_, row) => ({
            theta: theta.subarray(row * p, (row + 1) * p),
            x: x.subarray(row * d, (row + 1) * d),
            thetaNames: prior.names,
            xNames: dataNames,
          }))
          return { objects, facts: { failed: objects.filter(one => Number.isNaN(one.x[0])).length } }
        },
        close: pool.close,
      }
    },
    report: ({ drawn, seconds, sums: { failed } }) => ({
      lines: [`${n} simulations of ${name} in ${out}`],
      warnings: failed > 0 ? [`${failed} of ${n} simulations failed: their x is NaN`] : [],
      notes: [`${Math.round(drawn / seconds)} simulations a second`],
      json: { task: name, simulations_per_second: drawn / seconds, failed },
    }),
  }
}
