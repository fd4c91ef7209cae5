import { keyOf } from '../../core/index.js'
import { drawPrior } from '../../generative/prior/index.js'
import { taskNamed } from '../../simulators/tasks/index.js'

/** Rows of one block of a task's simulations. */
export interface SimulateBlock {
  readonly task: string
  readonly key: readonly [number, number]
  readonly index: number
  readonly rows: number
}

export interface SimulatedBlock {
  /** `[rows, p]` */
  readonly theta: Float32Array
  /** `[rows, d]` */
  readonly x: Float32Array
}

/** A block on a worker thread, from a key of its own number. */
export default function simulateBlock({ task: name, key, index, rows }: SimulateBlock): SimulatedBlock {
  const task = taskNamed(name)
  const own = keyOf(...key).split(index)
  const theta = drawPrior(task.prior, rows, own.split('theta'))
  return { theta: Float32Array.from(theta), x: Float32Array.from(task.simulate(theta, own.split('x'))) }
}
