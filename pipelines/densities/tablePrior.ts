import { DataError, UsageError } from '../../core/index.js'
import { type ProductPrior, productPrior, readPrior } from '../../generative/prior/index.js'
import { priorJson } from '../run/priorJson.js'
import type { SimulationTables } from './simulationTables.js'

/** @throws UsageError where the file is none, or no prior */
export function priorFile(path: string): ProductPrior {
  return readPrior(priorJson(path))
}

/** The prior that a file of ours tells in its attributes. */
export function filePrior({ prior, names }: SimulationTables): ProductPrior | undefined {
  if (typeof prior !== 'object' || prior === null) return undefined
  return names.every(name => Object.hasOwn(prior, name)) ? readPrior(prior) : undefined
}

/**
 * The prior of just these parameters, in the order of the table. @throws UsageError that names one that is absent or
 * too many
 */
export function inOrder(prior: ProductPrior, names: readonly string[]): ProductPrior {
  const absent = names.find(name => !prior.names.includes(name))
  const unknown = prior.names.find(name => !names.includes(name))
  if (absent !== undefined || unknown !== undefined) {
    throw new UsageError(
      `expected a prior of the table's parameters ${names.join(', ')}`,
      absent === undefined ? `got one of ${unknown} too` : `got none of ${absent}`,
      'correct the prior',
    )
  }
  return productPrior(Object.fromEntries(names.map(name => [name, prior.marginals[name]])))
}

/** What the rows of the tables span: the range of every parameter, and the most points of a set. */
export async function survey(
  tables: SimulationTables,
  signal: AbortSignal,
): Promise<{ readonly low: number[]; readonly high: number[]; readonly points: number; readonly rows: number }> {
  const p = tables.names.length
  const low = tables.names.map(() => Number.POSITIVE_INFINITY)
  const high = tables.names.map(() => Number.NEGATIVE_INFINITY)
  const features = tables.x.kind === 'set' ? tables.x.features : 1
  let [points, rows] = [1, 0]
  for await (const block of tables.blocks(signal)) {
    for (let row = 0; row < block.rows; row++) {
      const theta = block.theta.subarray(row * p, (row + 1) * p)
      if (!theta.every(Number.isFinite)) continue
      rows++
      for (let i = 0; i < p; i++) {
        low[i] = Math.min(low[i], theta[i])
        high[i] = Math.max(high[i], theta[i])
      }
      points = Math.max(points, Math.ceil(block.x(row).length / features))
    }
  }
  return { low, high, points, rows }
}

/**
 * A uniform box about what was found, wider by one mean spacing at either end: what a table says of its prior where
 * nobody else does.
 *
 * @throws DataError where a parameter does not vary
 */
export function foundPrior(names: readonly string[], { low, high, rows }: Awaited<ReturnType<typeof survey>>) {
  const still = names.findIndex((_, i) => !(high[i] > low[i]))
  if (still >= 0) {
    throw new DataError(
      `expected ${names[still]} to vary`,
      rows === 0 ? 'got no rows of finite parameters' : `got ${low[still]} in every row`,
      'leave it out of the table, or give its prior by --prior',
    )
  }
  const spacing = (i: number) => (high[i] - low[i]) / Math.max(1, rows - 1)
  return productPrior(
    Object.fromEntries(
      names.map((name, i) => [name, { uniform: [low[i] - spacing(i), high[i] + spacing(i)] as const }]),
    ),
  )
}
