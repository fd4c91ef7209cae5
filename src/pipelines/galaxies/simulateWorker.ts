import { type Field, keyOf } from '../../core/index.js'
import { type HaloOptions, simulateHalos } from '../../simulators/index.js'

export interface SimulateTask {
  readonly key: readonly [number, number]
  readonly halos: HaloOptions
}

/** One field on a worker thread. */
export default function simulateOne({ key, halos }: SimulateTask): Field {
  return simulateHalos(keyOf(...key), halos)
}
