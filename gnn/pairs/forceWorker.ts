import type { PairBasis } from './basis.js'
import type { PairForce } from './contracts.js'
import { makePairForce } from './force.js'

export interface ForceTask {
  readonly basis: PairBasis
  /** `[points, 3]` */
  readonly positions: Float32Array
  readonly sigma: number
  /** `[features]` */
  readonly coefficients: Float64Array
}

/** Kept from task to task of one worker: buffers alone. */
const ready = new Map<string, PairForce>()

export default function run(task: ForceTask): Float32Array {
  const name = JSON.stringify(task.basis)
  const force = ready.get(name) ?? ready.set(name, makePairForce(task.basis)).get(name)!
  const out = new Float32Array(task.positions.length)
  return force(task.positions, task.positions.length / 3, task.sigma, task.coefficients, out)
}
