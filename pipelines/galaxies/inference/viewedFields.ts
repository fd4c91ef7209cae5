import { type Key, workerPool } from '../../../core/index.js'
import { readFields } from '../../../io/galaxies/index.js'
import type { RunContext } from '../../run/index.js'
import { contextFeatures, type FieldView, pointFeatures, seenPoints } from './fieldView.js'
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
    for await (const field of readFields(files)) {
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

/** What views are standardised with: mean and standard deviation of each feature over the fields trained on. */
export interface ViewScale {
  readonly points: { readonly mean: Float32Array; readonly deviation: Float32Array }
  readonly context: { readonly mean: Float32Array; readonly deviation: Float32Array }
}

export function measureScale(views: readonly FieldView[]): ViewScale {
  return {
    points: momentsOf(
      views.map(({ points }) => points),
      pointFeatures,
    ),
    context: momentsOf(
      views.map(({ context }) => context),
      contextFeatures,
    ),
  }
}

function momentsOf(tables: readonly Float32Array[], width: number): ViewScale['points'] {
  const [sum, square] = [new Float64Array(width), new Float64Array(width)]
  let rows = 0
  for (const table of tables)
    for (let at = 0; at < table.length; at += width, rows++)
      for (let c = 0; c < width; c++) {
        sum[c] += table[at + c]
        square[c] += table[at + c] ** 2
      }
  const mean = Float32Array.from(sum, x => x / rows)
  // A feature that does not vary, as the box's volume in one box, is passed on as it is.
  const deviation = Float32Array.from(square, (x, c) => Math.sqrt(Math.max(0, x / rows - mean[c] ** 2)) || 1)
  return { mean, deviation: deviation.map((d, c) => (d < 1e-5 * Math.max(1, Math.abs(mean[c])) ? 1 : d)) }
}

/**
 * Views as one standardised batch.
 *
 * @param chosen rows of each view to take, `[points]`; default all
 */
export function batchOfViews(
  views: readonly FieldView[],
  scale: ViewScale,
  chosen?: (row: number) => Int32Array,
): {
  readonly points: { shape: number[]; values: Float32Array }
  readonly context: { shape: number[]; values: Float32Array }
} {
  const count = chosen?.(0).length ?? seenPoints
  const points = new Float32Array(views.length * count * pointFeatures)
  const context = new Float32Array(views.length * contextFeatures)
  views.forEach((view, row) => {
    const rows = chosen?.(row)
    for (let p = 0; p < count; p++) {
      const from = (rows ? rows[p] : p) * pointFeatures
      const to = (row * count + p) * pointFeatures
      for (let c = 0; c < pointFeatures; c++)
        points[to + c] = (view.points[from + c] - scale.points.mean[c]) / scale.points.deviation[c]
    }
    for (let c = 0; c < contextFeatures; c++)
      context[row * contextFeatures + c] = (view.context[c] - scale.context.mean[c]) / scale.context.deviation[c]
  })
  return {
    points: { shape: [views.length, count, pointFeatures], values: points },
    context: { shape: [views.length, contextFeatures], values: context },
  }
}
