import { z } from 'zod'
import { keyOf, makeKey, normal, uniform } from '../../../core/index.js'
import {
  latestCheckpoint,
  openMetrics,
  openRunFolder,
  quietContext,
  type RunContext,
  runSteps,
  saveCheckpoint,
} from '../../../pipelines/run/index.js'
import { prefetchOverlap, type Source } from '../../../pipelines/stream/index.js'

export const toyConfig = z.object({ steps: z.number().int().default(40), rate: z.number().default(0.01) })

export interface ToyOptions {
  readonly out: string
  readonly resume: boolean
  readonly force?: boolean
  readonly set?: readonly string[]
  /** Called within each step, when its work is done. */
  readonly onStep?: (done: number) => void
  /** Called before each checkpoint is written. */
  readonly onSave?: (done: number) => void
}

/**
 * A small training with everything a real one has: momentum, batches from a stream keyed by step, metrics, checkpoints.
 *
 * @returns the final weights
 */
export async function trainToy(options: ToyOptions, changes: Partial<RunContext> = {}): Promise<Float32Array> {
  const context = quietContext(makeKey(3), changes)
  const run = await openRunFolder(
    toyConfig,
    { short: { steps: 5 } },
    { set: options.set },
    {
      out: options.out,
      resume: options.resume,
      force: options.force ?? false,
      threads: 1,
      identity: { subject: 'toy', seed: 3 },
    },
  )
  const checkpoint = run.resumed ? await latestCheckpoint(run.path, context.log) : undefined
  const from = checkpoint?.step ?? 0
  let weights = (checkpoint?.tensors.weights.values as Float32Array | undefined) ?? normal(context.key.split('init'), 8)
  let momentum = (checkpoint?.tensors.momentum.values as Float32Array | undefined) ?? new Float32Array(8)
  const source: Source<Float32Array> = async function* () {
    for (let step = from; ; step++) yield uniform(keyOf(1, 2).split(step), 8)
  }
  const metrics = await openMetrics(run.file('metrics.jsonl'), from)
  try {
    await runSteps(
      {
        label: 'toy',
        from,
        steps: run.config.steps,
        checkpointEvery: 7,
        batches: prefetchOverlap(source, { prefetch: 2, signal: context.signal }),
        step: async (batch, index) => {
          momentum = momentum.map((m, i) => 0.9 * m + Math.sin(weights[i] * 3) - batch[i])
          weights = weights.map((w, i) => w - run.config.rate * momentum[i])
          options.onStep?.(index + 1)
          return { loss: weights[0] }
        },
        save: async done => {
          options.onSave?.(done)
          await saveCheckpoint(run.path, {
            step: done,
            tensors: { weights: tensor(weights), momentum: tensor(momentum) },
            metadata: {},
          })
        },
        metrics,
      },
      context,
    )
  } finally {
    await metrics.close()
  }
  return weights
}

function tensor(values: Float32Array) {
  return { shape: [values.length], values }
}

// As a child process: `child OUT step|save N` trains until it kills itself there, with no chance to tidy up.
if (process.argv[2] === 'child') {
  const [, , , out, moment, at] = process.argv
  const die = (done: number) => {
    if (done === Number(at)) process.kill(process.pid, 'SIGKILL')
  }
  await trainToy({
    out,
    resume: true,
    onStep: moment === 'step' ? die : undefined,
    onSave: moment === 'save' ? die : undefined,
  })
}
