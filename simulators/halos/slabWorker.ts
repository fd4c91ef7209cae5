import type { Groups } from './fragment.js'
import { makeSlabWork, type SlabTask } from './slabs.js'

/** One thread each: the threads share the slabs of a grid. Compiled programs are kept from task to task. */
const work = makeSlabWork(1)

/** Some slabs of a grid on a worker thread; what belongs to cells goes to shared memory. */
export default function runSlabs(task: SlabTask): Promise<readonly Groups[]> {
  return work.run(task)
}
