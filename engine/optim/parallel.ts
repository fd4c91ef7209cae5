import { type ArrayValue, promiseCache, type Tree, UsageError } from '../../core/index.js'
import { buildModel, type OrtTensor, specOf, type Value } from '../model.js'
import type { Program, Spec } from '../trace/trace.js'
import { isArrayValue, mapTree, pathsOf } from '../tree.js'
import { wires } from '../workers/protocol.js'
import { type SessionWorker, startSessionWorker } from '../workers/sessionWorkers.js'

/** Gradient of the loss with respect to the flat parameters, and what the loss program measured. */
interface GradientOutputs<Gradient, Measured> {
  readonly gradient: Gradient
  readonly measured: Readonly<Record<string, Measured>>
}

export interface ParallelGradients {
  /** One gradient a worker, in the order of the shards, over shared memory that the next call overwrites. */
  run(params: Float32Array, shards: readonly Tree<ArrayValue>[]): Promise<GradientOutputs<Float32Array, ArrayValue>[]>
  close(): Promise<void>
}

interface Loaded {
  readonly name: string
  feeds(params: Value, shard: Tree<ArrayValue>): Record<string, OrtTensor>
  readonly outputs: GradientOutputs<string, string>
}

/**
 * Computes gradients of the shards of a batch, each in a thread of its own with a one-threaded session: scatters are
 * exact there, and two such threads do as much as one session of two. The program is traced here and sent as bytes.
 *
 * @param program of flat parameters and a shard: `{ gradient, measured }`
 */
export function parallelGradients(program: Program, paramsSpec: Spec, workers: number): ParallelGradients {
  const threads: SessionWorker[] = Array.from({ length: workers }, startSessionWorker)
  const models = promiseCache<string, Loaded>()
  let memory: { params: SharedArrayBuffer; gradients: SharedArrayBuffer[] } | undefined

  const loadedFor = (shard: Tree<ArrayValue>): Promise<Loaded> => {
    const specs = mapTree(shard, isArrayValue, specOf)
    const name = JSON.stringify(specs)
    return models.get(name, () => load(name, specs))
  }
  const load = async (name: string, specs: Tree<Spec>): Promise<Loaded> => {
    const model = await buildModel(program, [paramsSpec, specs], { singleThread: true, name: 'gradient' })
    await Promise.all(threads.map(thread => thread.load(name, model.bytes)))
    return {
      name,
      feeds: (params, shard) => model.feeds([params, shard]),
      outputs: model.outputNames as unknown as GradientOutputs<string, string>,
    }
  }

  return {
    async run(params, shards) {
      const loaded = await Promise.all(shards.map(loadedFor))
      const bytes = params.byteLength
      memory ??= {
        params: new SharedArrayBuffer(bytes),
        gradients: threads.map(() => new SharedArrayBuffer(bytes)),
      }
      const { params: sharedParams, gradients } = memory
      new Float32Array(sharedParams).set(params)
      return Promise.all(
        shards.map(async (shard, i) => {
          const { name, feeds, outputs } = loaded[i]
          const inputs = wires(feeds({ shape: [params.length], values: params }, shard))
          const paramsName = Object.keys(inputs)[0]
          inputs[paramsName] = { ...inputs[paramsName], values: new Float32Array(sharedParams) }
          const found = await threads[i].run(name, inputs, { [outputs.gradient]: gradients[i] })
          const measured = Object.entries(outputs.measured).map(([key, output]) => [key, found[output]])
          return { gradient: new Float32Array(gradients[i]), measured: Object.fromEntries(measured) }
        }),
      )
    },
    close: async () => {
      await Promise.all(threads.map(thread => thread.close()))
    },
  }
}

/** Equal parts of a batch along its first axis, in order; numbers without axes go to every part. */
export function shardsOf(batch: Tree<ArrayValue>, parts: number): Tree<ArrayValue>[] {
  const paths = pathsOf(batch, isArrayValue)
  return Array.from({ length: parts }, (_, part) => {
    let leaf = 0
    return mapTree(batch, isArrayValue, ({ shape, values }) => {
      const path = paths[leaf++]
      if (shape.length === 0) return { shape, values }
      if (shape[0] % parts !== 0) {
        throw new UsageError(
          `expected a batch that ${parts} workers can share`,
          `got ${shape[0]} rows of ${path}`,
          `take a batch size divisible by ${parts}`,
        )
      }
      const size = values.length / parts
      const rows = [shape[0] / parts, ...shape.slice(1)]
      return { shape: rows, values: values.slice(part * size, (part + 1) * size) }
    })
  })
}
