import { makeSlabWork, type SlabTask } from './slabs.js'

/** One thread each: the threads share the slabs of a grid. Compiled programs are kept from task to task. */
const work = makeSlabWork(1)

/** Some slabs of a grid on a worker thread; the results go to shared memory. */
export default async function runSlabs(task: SlabTask): Promise<void> {
  await work.run(task)
}
