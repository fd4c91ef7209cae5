import { type Field, type Key, periodicBox, workerPool } from '../../core/index.js'
import type { SamplerName } from '../../generative/diffusion/index.js'
import type { CommonOptions, RunContext } from '../run/context.js'
import type { Drawn, DrawTask } from './drawWorker.js'

export interface DrawRequest {
  readonly run: string
  /** Mpc/h */
  readonly box: number
  /** one a field */
  readonly thetas: readonly Readonly<Record<string, number>>[]
  readonly points: number
  readonly sampler: SamplerName
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
  const { thetas, points } = request
  const pool = workerPool<DrawTask, Drawn>(import.meta.url, 'drawWorker', Math.min(request.threads, thetas.length))
  const progress = context.progress(thetas.length, request.label)
  const started = performance.now()
  try {
    const drawn = await Promise.all(
      thetas.map(async (theta, i) => {
        const { run, box, sampler, steps, device } = request
        const task = { run, key: request.key.split(i).words, theta, box, points, sampler, steps, device }
        const one = await pool.run(task, context.signal)
        progress.advance()
        return one
      }),
    )
    return {
      fields: drawn.map(({ positions }, i) => ({ points, positions, box: periodicBox(request.box), theta: thetas[i] })),
      evaluations: Math.max(...drawn.map(one => one.evaluations)),
      secondsPerField: (performance.now() - started) / 1000 / thetas.length,
    }
  } finally {
    progress.stop()
    await pool.close()
  }
}
