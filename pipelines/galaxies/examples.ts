import { type ArrayValue, countPoints, uniform, workerPool } from '../../core/index.js'
import { coefficientsFor } from '../../generative/pairs/index.js'
import type { Source } from '../stream/index.js'
import type { TrainingBatch } from './batches/fieldBatches.js'
import type { Normalisation } from './batches/normalisation.js'
import type { GalaxiesConfig } from './config.js'
import { flowOf } from './flow.js'
import { needsGraph, noiseRange, surroundingsBasis } from './network.js'
import type { NoisedExample } from './noisedCloud.js'
import type { NoisedTask } from './noisedWorker.js'
import type { PairModel } from './pairModel.js'

/** One step's worth of noised clouds as flat arrays; the names are those of the training program's inputs. */
export interface ExampleBatch {
  readonly step: number
  /** senders' feeds are as wide as the busiest point needs: each width is a compiled step of its own */
  readonly width: number
  readonly tensors: Readonly<Record<string, ArrayValue>>
  readonly sigmas: readonly number[]
}

export interface ExampleOptions {
  readonly config: GalaxiesConfig
  readonly box: number
  readonly normalisation: Normalisation
  readonly pairs?: PairModel
  readonly threads: number
}

export interface ExampleMaker {
  /** Noised clouds of a batch, at noise levels of its key; or at the given ones, a level a cloud. */
  make(batch: TrainingBatch, signal: AbortSignal, sigmas?: readonly number[]): Promise<ExampleBatch>
  /** The same over a source, `ahead` batches under way at a time, in the source's order. */
  over(source: Source<TrainingBatch>, ahead: number): Source<ExampleBatch>
  close(): Promise<void>
}

/** Makes examples in worker threads: noise, neighbours and pair score depend on positions and keys alone. */
export function exampleMaker(options: ExampleOptions): ExampleMaker {
  const { config, box } = options
  const pool = workerPool<NoisedTask, NoisedExample>(import.meta.url, 'noisedWorker', options.threads)
  const k = needsGraph(config) ? config.network.neighbours : 0
  const range = noiseRange(config, box)
  const flow = flowOf(config, box)

  async function make(training: TrainingBatch, signal: AbortSignal, given?: readonly number[]): Promise<ExampleBatch> {
    const { batch } = training
    const sigmas = given ?? levels(training, range, flow !== undefined)
    const parameters = batch.names.length
    const examples = await Promise.all(
      sigmas.map((sigma, row) => {
        const count = countPoints(batch.mask, batch.points, row)
        const first = row * batch.points * 3
        const theta = Object.fromEntries(
          batch.names.map((name, i) => [name, batch.theta[row * parameters + i]] as const),
        )
        const pairs = options.pairs && {
          basis: options.pairs.basis,
          coefficients: coefficientsFor(options.pairs.score, theta, true)(sigma),
        }
        const task: NoisedTask = {
          ...(config.network.surroundings ? { surroundings: surroundingsBasis(box, batch.box) } : {}),
          key: training.key.split('cloud').split(row).words,
          positions: batch.positions.slice(first, first + count * 3),
          sigma,
          options: { box: batch.box, points: batch.points, k, flow },
          pairs,
        }
        return pool.run(task, signal)
      }),
    )
    const theta = standardised(batch.theta, batch.names, options.normalisation)
    return { step: training.step, sigmas, ...combined(examples, theta, parameters, sigmas) }
  }

  return {
    make,
    over: (source, ahead) =>
      async function* (signal) {
        const underWay: Promise<ExampleBatch>[] = []
        for await (const batch of source(signal)) {
          const example = make(batch, signal)
          // An error is thrown when its turn comes; until then it must not count as unhandled.
          example.catch(() => {})
          underWay.push(example)
          if (underWay.length >= ahead) yield await (underWay.shift() as Promise<ExampleBatch>)
        }
        for (const example of underWay) yield await example
      },
    close: () => pool.close(),
  }
}

/**
 * Noise levels of a step, log-uniform; uniform (that is, in t) along the paths of flow matching. The clouds of a batch
 * are spread evenly over the range from one random place (Kingma et al. 2021, arXiv 2107.00630, appendix I.1), which
 * lowers the variance of the loss.
 */
function levels(
  { key, batch }: TrainingBatch,
  { sigmaMin, sigmaMax }: { sigmaMin: number; sigmaMax: number },
  even: boolean,
): number[] {
  const start = uniform(key.split('level'), 1)[0]
  return Array.from({ length: batch.batch }, (_, row) => {
    const u = (start + row / batch.batch) % 1
    return even ? sigmaMin + u * (sigmaMax - sigmaMin) : sigmaMin * (sigmaMax / sigmaMin) ** u
  })
}

export function standardised(
  theta: Float32Array,
  names: readonly string[],
  { theta: scales }: Normalisation,
): Float32Array {
  return theta.map((value, i) => {
    const scale = scales[names[i % names.length]]
    return (value - scale.mean) / scale.sd
  })
}

function combined(
  examples: readonly NoisedExample[],
  theta: Float32Array,
  parameters: number,
  sigmas: readonly number[],
): Pick<ExampleBatch, 'width' | 'tensors'> {
  const batch = examples.length
  const points = examples[0].points
  const join = (pick: (e: NoisedExample) => Float32Array) => {
    const out = new Float32Array(batch * pick(examples[0]).length)
    examples.forEach((e, row) => {
      out.set(pick(e), row * pick(e).length)
    })
    return out
  }
  const tensors: Record<string, ArrayValue> = {
    positions: { shape: [batch, points, 3], values: join(e => e.positions) },
    mask: { shape: [batch, points], values: join(e => e.mask) },
    noise: { shape: [batch, points, 3], values: join(e => e.noise) },
    theta: { shape: [batch, parameters], values: theta },
    sigma: { shape: [batch], values: Float32Array.from(sigmas) },
  }
  if (examples[0].pairNoise) {
    tensors.pairNoise = { shape: [batch, points, 3], values: join(e => e.pairNoise as Float32Array) }
  }
  const channels = (examples[0].surroundings?.length ?? 0) / points
  if (channels > 0)
    tensors.surroundings = {
      shape: [batch, points, channels],
      values: join(e => e.surroundings ?? new Float32Array(0)),
    }
  const graphs = examples.flatMap(e => (e.graph ? [e.graph] : []))
  if (graphs.length === 0) return { width: 0, tensors }
  const k = graphs[0].k
  const width = Math.max(...graphs.map(graph => graph.width))
  const senders = new Int32Array(batch * points * k)
  const displacements = new Float32Array(batch * points * k * 3)
  const feeds = new Int32Array(batch * points * width).fill(-1)
  graphs.forEach((graph, row) => {
    senders.set(graph.senders, row * points * k)
    displacements.set(graph.displacements, row * points * k * 3)
    for (let i = 0; i < points; i++)
      feeds.set(graph.feeds.subarray(i * graph.width, (i + 1) * graph.width), (row * points + i) * width)
  })
  tensors.senders = { shape: [batch, points, k], values: senders }
  tensors.displacements = { shape: [batch, points, k, 3], values: displacements }
  tensors.feeds = { shape: [batch, points, width], values: feeds }
  return { width, tensors }
}
