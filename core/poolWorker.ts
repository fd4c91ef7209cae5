import { workerData } from 'node:worker_threads'
import { failureOf, type TaskFailure } from './errors.js'

type Work = (task: unknown) => unknown

/** The address of the module that does the work. */
const address = workerData as string

let work: Promise<Work> | undefined

/**
 * What every worker of a pool runs: the module's default export. Its errors are returned as data (`TaskFailure`).
 */
export default async function runTask(task: unknown): Promise<{ readonly result: unknown } | TaskFailure> {
  try {
    work ??= import(address).then(module => (module as { readonly default: Work }).default)
    return { result: await (await work)(task) }
  } catch (error) {
    return failureOf(error)
  }
}
