import { type Key, workerPool } from '../../../core/index.js'
import { fields } from '../../../io/galaxies/fields.js'
import { readObjects } from '../../../io/objects/index.js'
import type { RunContext } from '../../run/index.js'
import type { FieldView } from './fieldView.js'
import type { ViewTask } from './viewWorker.js'

/** Fields as a posterior network learns from them: their views, 110 kB each, and their parameters. */
export interface ViewedFields {
  readonly views: readonly FieldView[]
  /** `[fields][names]` */
  readonly theta: readonly (readonly number[])[]
  readonly names: readonly string[]
}

/** Reads fields one by one and views them in worker threads; the same bytes whatever the thread count. */
export async function viewedFields(
  files: readonly string[],
  key: Key,
  threads: number,
  context: RunContext,
): Promise<ViewedFields> {
  const pool = workerPool<ViewTask, FieldView>(import.meta.url, 'viewWorker', threads)
  const running: Promise<FieldView>[] = []
  const theta: number[][] = []
  let names: string[] = []
  const progress = context.progress(0, 'looking at fields')
  try {
    for await (const field of readObjects(fields, files)) {
      const index = running.length
      names = Object.keys(field.theta)
      theta.push(names.map(name => field.theta[name]))
      const task = pool.run({ field, key: key.split('view').split(index).words }, context.signal)
      // Kept, not thrown: a task may fail while the loop waits for the next field.
      task.catch(() => undefined)
      running.push(task)
      if (index >= 2 * pool.threads) await running[index - 2 * pool.threads]
      progress.advance(1)
    }
    return { views: await Promise.all(running), theta, names }
  } finally {
    progress.stop()
    await pool.close()
  }
}
