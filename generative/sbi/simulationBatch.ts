import type { ArrayValue, Key } from '../../core/index.js'
import type { BatchOf } from '../../engine/index.js'
import type { Method, SimulationTensors } from './method.js'

/** Pairs (z, observation) as a batch of the method's loss, with the random numbers that it needs beside them. */
export function simulationBatch<O>(
  { reader, noise }: Pick<Method<O>, 'noise' | 'reader'>,
  z: ArrayValue,
  objects: readonly O[],
  key: Key,
): BatchOf<SimulationTensors> {
  return { z, observation: reader.encode(objects), noise: noise(key, objects.length) }
}
