import type { ArrayValue, Tree } from '../../core/index.js'
import { compile } from '../compile.js'
import { buildModel, isOrt, type OrtTensor, toArray, toOrt, type Value } from '../model.js'
import type { Program, Spec } from '../trace/trace.js'
import { isArrayValue, mapTree } from '../tree.js'
import { wires } from './protocol.js'
import { type SessionWorker, startSessionWorker } from './sessionWorkers.js'

/** A compiled program in several threads: as many calls at a time. */
export interface WorkersProgram {
  /** The results of all calls, in their order; each call has the first inputs, those that are not kept. */
  run(calls: readonly (readonly Tree<Value>[])[]): Promise<Tree<ArrayValue>[]>
  close(): Promise<void>
}

/** How a program is spread over threads. */
export interface OnWorkersOptions {
  readonly workers: number
  /** The last inputs of the program, the same at every call: sent to each thread once. */
  readonly kept?: readonly Tree<ArrayValue>[]
  readonly name?: string
}

/**
 * Traces a program once and compiles it in threads of their own, each with a session of one thread; the next call goes
 * to the next thread that is free. One session never shares a call, so that results do not depend on how many threads
 * there are.
 *
 * ```ts
 * const program = await compileOnWorkers(density, [{ shape: [16, 3] }, dataSpecs], { workers: 4, kept: [data] })
 * const results = await program.run(batches.map(points => [points])) // one a batch, in order
 * await program.close()
 * ```
 *
 * @param specs as for `compile`, of all inputs
 */
export async function compileOnWorkers(
  program: Program,
  specs: readonly Tree<Spec>[],
  { workers, kept = [], name = 'program' }: OnWorkersOptions,
): Promise<WorkersProgram> {
  const known = new Set<OrtTensor>()
  const constants = kept.map(tree =>
    mapTree(tree, isArrayValue, value => {
      const tensor = toOrt(value)
      known.add(tensor)
      return tensor
    }),
  )
  if (workers === 1) return compileHere(program, specs, constants, name)
  const model = await buildModel(program, specs, { singleThread: true, name })
  const threads = Array.from({ length: workers }, startSessionWorker)
  try {
    await Promise.all(threads.map(thread => thread.load(name, model.bytes)))
  } catch (error) {
    await Promise.all(threads.map(thread => thread.close()))
    throw error
  }
  const prepared = new Set<SessionWorker>()
  const runOn = async (thread: SessionWorker, call: readonly Tree<Value>[]): Promise<Tree<ArrayValue>> => {
    const feeds = Object.entries(model.feeds([...call, ...constants]))
    if (!prepared.has(thread)) {
      await thread.keep(name, wires(Object.fromEntries(feeds.filter(([, tensor]) => known.has(tensor)))))
      prepared.add(thread)
    }
    const own = feeds.filter(([, tensor]) => !known.has(tensor))
    return model.results(await thread.run(name, wires(Object.fromEntries(own)), {}))
  }
  return {
    async run(calls) {
      const results: Tree<ArrayValue>[] = new Array(calls.length)
      let next = 0
      await Promise.all(
        threads.slice(0, calls.length).map(async thread => {
          while (next < calls.length) {
            const at = next++
            results[at] = await runOn(thread, calls[at])
          }
        }),
      )
      return results
    },
    close: async () => {
      await Promise.all(threads.map(thread => thread.close()))
    },
  }
}

/** One thread is this one: nothing is sent. */
async function compileHere(
  program: Program,
  specs: readonly Tree<Spec>[],
  constants: readonly Tree<Value>[],
  name: string,
): Promise<WorkersProgram> {
  const { run, release } = await compile(program, specs, { threads: 1, name })
  return {
    async run(calls) {
      const results: Tree<ArrayValue>[] = []
      for (const inputs of calls) results.push(mapTree(await run(...inputs, ...constants), isOrt, toArray))
      return results
    },
    close: release,
  }
}
