import { workerPool } from '../../core/index.js'
import type { Field } from '../../io/galaxies/field.js'
import { type Comparison, compareStatistics, type FieldStatistics, statisticsFor } from '../../statistics/index.js'
import type { RunContext } from '../run/context.js'
import type { StatisticsTask } from './statisticsWorker.js'

/** Statistics of all fields, in worker threads, compared: samples beside the simulations. */
export async function measureAndCompare(
  samples: readonly Field[],
  references: readonly Field[],
  threads: number,
  context: RunContext,
): Promise<Comparison> {
  const single = new Set([samples, references].flatMap(side => (side.length === 1 ? side : [])))
  const measured = await measureFields([...samples, ...references], field => single.has(field), threads, context)
  return compareStatistics(measured.slice(0, samples.length), measured.slice(samples.length))
}

/**
 * The statistics of each field, in worker threads, in bins that suit all of them.
 *
 * @param withErrors whether also the field's own error is wanted, for there is no other of its cosmology
 */
export async function measureFields(
  fields: readonly Field[],
  withErrors: (field: Field) => boolean,
  threads: number,
  context: RunContext,
): Promise<FieldStatistics[]> {
  const options = statisticsFor(fields)
  const pool = workerPool<StatisticsTask, FieldStatistics>(import.meta.url, 'statisticsWorker', threads)
  const progress = context.progress(fields.length, 'measuring fields')
  try {
    return await Promise.all(
      fields.map(async field => {
        const measured = await pool.run({ field, options, withErrors: withErrors(field) }, context.signal)
        progress.advance()
        return measured
      }),
    )
  } finally {
    progress.stop()
    await pool.close()
  }
}
