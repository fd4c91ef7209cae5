import { type Key, workerPool } from '../../core/index.js'
import type { Field } from '../../io/galaxies/index.js'
import { inParallel } from '../run/concurrency.js'
import type { CommonOptions, RunContext } from '../run/context.js'
import { secondsSince } from '../run/seconds.js'
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
  /** of the network */
  readonly device: CommonOptions['device']
  readonly key: Key
}

export interface DrawResult {
  readonly fields: readonly Field[]
  /** of the model, a field */
  readonly evaluations: number
  readonly secondsPerField: number
}

/** Draws fields on worker threads, one a thread at a time. */
export interface Drawer {
  /** Field `index`, which belongs to `key.split(index)` whatever the number of threads. */
  draw(index: number): Promise<Drawn>
  close(): Promise<void>
}

export function openDrawer(request: DrawRequest, threads: number, signal: AbortSignal): Drawer {
  const { run, box, logMassMin, sampler, steps, device } = request
  const pool = workerPool<DrawTask, Drawn>(import.meta.url, 'drawWorker', threads)
  return {
    draw(index) {
      const theta = request.thetas[index]
      const keep = request.keep?.[index]
      const points = Math.max(request.points, keep ?? 0)
      const key = request.key.split(index).words
      return pool.run({ run, key, theta, box, points, keep, logMassMin, sampler, steps, device }, signal)
    },
    close: pool.close,
  }
}

/** Draws all fields of a request. */
export async function drawFields(
  request: DrawRequest & { readonly threads: number; readonly label: string },
  { signal, progress: begin }: RunContext,
): Promise<DrawResult> {
  const n = request.thetas.length
  const drawer = openDrawer(request, Math.min(request.threads, n), signal)
  const progress = begin(n, request.label)
  const began = performance.now()
  const fields: Field[] = []
  let evaluations = 0
  try {
    await inParallel(Array(n).keys(), n, async index => {
      const drawn = await drawer.draw(index)
      fields[index] = drawn.field
      evaluations = Math.max(evaluations, drawn.evaluations)
      progress.advance()
    })
  } finally {
    progress.stop()
    await drawer.close()
  }
  return { fields, evaluations, secondsPerField: secondsSince(began) / n }
}
