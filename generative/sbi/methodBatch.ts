import type { Tensor } from '@tensorflow/tfjs'
import type { ArrayValue, Key, Tree } from '../../core/index.js'
import type { Batch } from '../../engine/index.js'
import type { Method } from './method.js'

/** Parts of a batch, by the prefix of their names: trainers take flat records. */
const parts = ['observation', 'noise'] as const

/** Pairs (z, observation) as one batch of a trainer, with the random numbers that the method needs beside them. */
export function methodBatch<O>(
  method: Pick<Method<O>, 'noise' | 'reader'>,
  z: ArrayValue,
  objects: readonly O[],
  key: Key,
): Batch {
  const named = (part: (typeof parts)[number], values: Readonly<Record<string, ArrayValue>>) =>
    Object.entries(values).map(([name, value]) => [`${part}.${name}`, value] as const)
  return {
    z,
    ...Object.fromEntries([
      ...named('observation', method.reader.encode(objects)),
      ...named('noise', method.noise(key, objects.length)),
    ]),
  }
}

/** The method's loss of such batches. */
export function methodLoss<O>(
  method: Pick<Method<O>, 'loss'>,
): (params: Tree<Tensor>, batch: Readonly<Record<string, Tensor>>) => { readonly loss: Tensor } {
  return (params, batch) => {
    const part = (prefix: (typeof parts)[number]) =>
      Object.fromEntries(
        Object.entries(batch)
          .filter(([name]) => name.startsWith(`${prefix}.`))
          .map(([name, tensor]) => [name.slice(prefix.length + 1), tensor]),
      )
    return method.loss(params, { z: batch.z, observation: part('observation'), noise: part('noise') })
  }
}
