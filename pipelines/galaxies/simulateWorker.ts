import { keyOf } from '../../core/index.js'
import type { Field } from '../../io/galaxies/field.js'
import { type HaloOptions, haloSimulator } from '../../simulators/index.js'

export interface SimulateTask {
  readonly key: readonly [number, number]
  readonly halos: HaloOptions
}

/** On this thread alone; compiled programs are kept from field to field. */
const simulator = haloSimulator(1)

/** One field on a worker thread. */
export default function simulateOne({ key, halos }: SimulateTask): Promise<Field> {
  return simulator.run(keyOf(...key), halos)
}
