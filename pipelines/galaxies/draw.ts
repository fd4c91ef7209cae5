import { type Key, workerPool } from '../../core/index.js'
import type { Field } from '../../io/galaxies/field.js'
import type { CommonOptions, RunContext } from '../run/context.js'
import type { Drawn, DrawTask } from './drawWorker.js'
import type { DrawSampler } from './sampler.js'

export interface DrawRequest {
  readonly run: string
  /** Mpc/h */
  readonly box: number
  /** one a field */
  readonly thetas: readonly Readonly<Record<string, number>>[]
  readonly points: number
  /**
   * The heaviest so many of each field are kept, one number a field; more points are drawn where it is more than
   * `points`
   */
  readonly keep?: readonly number[]
  /** log10 Msun/h that the kept are all halos above */
  readonly logMassMin?: number
  readonly sampler: DrawSampler
  readonly steps: number
  readonly threads: number
  /** of the network */
  readonly device: CommonOptions['device']
  readonly key: Key
  readonly label: string
}

export interface DrawResult {
  readonly fields: readonly Field[]
  /** of the model, a field */
  readonly evaluations: number
  readonly secondsPerField: number
}

/** Draws fields in parallel, one a worker thread; field i belongs to `key.split(i)` whatever the number of threads. */
export async function drawFields(request: DrawRequest, context: RunContext): Promise<DrawResult> {
  const fields: Field[] = []
  let evaluations = 0
  const secondsPerField = await drawEach(request, context, (i, field, used) => {
    fields[i] = field
    evaluations = Math.max(evaluations, used)
  })
  return { fields, evaluations, secondsPerField }
}

/**
 * The same, each field handed over when it is drawn, in whatever order that is.
 *
 * @param skip fields that are there already
 * @returns seconds a field drawn; 0 where all were skipped
 */
export async function drawEach(
  request: DrawRequest,
  context: RunContext,
  done: (index: number, field: Field, evaluations: number) => void,
  skip: (index: number) => boolean = () => false,
): Promise<number> {
  const { run, box, logMassMin, sampler, steps, device } = request
  const wanted = request.thetas.map((theta, index) => ({ theta, index })).filter(({ index }) => !skip(index))
  if (wanted.length === 0) return 0
  const pool = workerPool<DrawTask, Drawn>(import.meta.url, 'drawWorker', Math.min(request.threads, wanted.length))
  const progress = context.progress(wanted.length, request.label)
  const started = performance.now()
  let failed = false
  try {
    await Promise.all(
      wanted.map(async ({ theta, index }) => {
        const keep = request.keep?.[index]
        const points = Math.max(request.points, keep ?? 0)
        const key = request.key.split(index).words
        const task = { run, key, theta, box, points, keep, logMassMin, sampler, steps, device }
        const { field, evaluations } = await pool.run(task, context.signal)
        // Where another field failed, the caller has gone on.
        if (failed) return
        done(index, field, evaluations)
        progress.advance()
      }),
    )
    return (performance.now() - started) / 1000 / wanted.length
  } catch (error) {
    failed = true
    throw error
  } finally {
    progress.stop()
    await pool.close()
  }
}
