import { type ArrayValue, type Key, makeKey } from '../../core/index.js'
import { type FitRowsOptions, type FittedRows, fitRows } from '../../engine/index.js'
import type { Method, SimulationTensors } from './method.js'
import { simulationBatch } from './simulationBatch.js'

/** Pairs of parameters and observations in memory. */
export interface Simulations<O> {
  /** `[rows, p]` standard normal coordinates of theta */
  readonly z: Float32Array
  /** `[rows]` */
  readonly objects: readonly O[]
}

/**
 * Trains a method on simulations in memory, see `fitRows`. The same key gives the same bytes.
 *
 * @throws DataError where the loss is no number
 */
export function trainMethod<O>(
  method: Method<O>,
  { z, objects }: Simulations<O>,
  options: FitRowsOptions,
  key: Key,
): Promise<FittedRows> {
  const isNoisy = Object.keys(method.noise(makeKey(0), 1)).length > 0
  return fitRows<SimulationTensors>(
    {
      loss: method.loss,
      init: method.init(key.split('init')),
      count: objects.length,
      batchOf: (rows, own) =>
        simulationBatch(
          method,
          gathered(z, objects.length, rows),
          Array.from(rows, row => objects[row]),
          own,
        ),
      // A few of a loss's random numbers would say little.
      ...(isNoisy && { heldOutTimes: count => Math.ceil(8192 / count) }),
    },
    options,
    key,
  )
}

function gathered(values: Float32Array, count: number, rows: Int32Array): ArrayValue {
  const width = values.length / count
  const out = new Float32Array(rows.length * width)
  for (const [i, row] of rows.entries()) out.set(values.subarray(row * width, (row + 1) * width), i * width)
  return { shape: [rows.length, width], values: out }
}
