import { type Field, workerPool } from '../../core/index.js'
import { type Comparison, compareStatistics, type FieldStatistics, statisticsFor } from '../../report/statistics/index.js'
import type { RunContext } from '../run/context.js'
import type { StatisticsTask } from './statisticsWorker.js'

/** Statistics of all fields, in worker threads, compared: samples beside the simulations. */
export async function measureAndCompare(
  samples: readonly Field[],
  references: readonly Field[],
  threads: number,
  context: RunContext,
): Promise<Comparison & { readonly samples: readonly FieldStatistics[]; readonly references: readonly FieldStatistics[] }> {
  const options = statisticsFor([...references, ...samples])
  const pool = workerPool<StatisticsTask, FieldStatistics>(import.meta.url, 'statisticsWorker', threads)
  const progress = context.progress(samples.length + references.length, 'measuring fields')
  const measure = (fields: readonly Field[]) =>
    Promise.all(
      fields.map(async field => {
        const measured = await pool.run({ field, options, withErrors: fields.length === 1 }, context.signal)
        progress.advance()
        return measured
      }),
    )
  try {
    const [ours, theirs] = [await measure(samples), await measure(references)]
    return { ...compareStatistics(ours, theirs), samples: ours, references: theirs }
  } finally {
    progress.stop()
    await pool.close()
  }
}
