import type { ArrayValue, Tree } from '../../core/index.js'
import { compile } from '../compile.js'
import { buildModel, isOrt, toArray, type Value } from '../model.js'
import type { Program, Spec } from '../trace/trace.js'
import { mapTree } from '../tree.js'
import { wires } from './protocol.js'
import { startSessionWorker } from './sessionWorkers.js'

/** A compiled program in several threads: as many calls at a time. */
export interface WorkersProgram {
  /** The results of all calls, in their order. */
  run(calls: readonly (readonly Tree<Value>[])[]): Promise<Tree<ArrayValue>[]>
  close(): Promise<void>
}

/**
 * Traces a program once and compiles it in threads of their own, each with a session of one thread; the next call goes to the next thread that is free. One session never shares a call,
 * so that results do not depend on how many threads there are.
 *
 * @param specs as for `compile`
 */
export async function compileOnWorkers(
  program: Program,
  specs: readonly Tree<Spec>[],
  workers: number,
  name = 'program',
): Promise<WorkersProgram> {
  if (workers === 1) return compileHere(program, specs, name)
  const model = await buildModel(program, specs, { singleThread: true, name })
  const threads = Array.from({ length: workers }, startSessionWorker)
  try {
    await Promise.all(threads.map(thread => thread.load(name, model.bytes)))
  } catch (error) {
    await Promise.all(threads.map(thread => thread.close()))
    throw error
  }
  return {
    async run(calls) {
      const results: Tree<ArrayValue>[] = new Array(calls.length)
      let next = 0
      await Promise.all(
        threads.slice(0, calls.length).map(async thread => {
          while (next < calls.length) {
            const at = next++
            results[at] = model.results(await thread.run(name, wires(model.feeds(calls[at])), {}))
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
async function compileHere(program: Program, specs: readonly Tree<Spec>[], name: string): Promise<WorkersProgram> {
  const { run, release } = await compile(program, specs, { threads: 1, name })
  return {
    async run(calls) {
      const results: Tree<ArrayValue>[] = []
      for (const inputs of calls) results.push(mapTree(await run(...inputs), isOrt, toArray))
      return results
    },
    close: release,
  }
}
