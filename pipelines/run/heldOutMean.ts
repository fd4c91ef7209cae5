import type { Batch, Trainer } from '../../engine/index.js'

/** A batch of held-out simulations, of which the first `rows` count; what follows fills it up. */
export interface HeldOutBatch {
  readonly tensors: Batch
  readonly rows: number
}

/**
 * Minus the mean over held-out simulations of what the averaged parameters measure as `told`: the larger the better.
 */
export async function heldOutMean(trainer: Trainer, batches: readonly HeldOutBatch[], told = 'loss'): Promise<number> {
  let [sum, count] = [0, 0]
  for (const { tensors, rows } of batches) {
    sum -= (await trainer.measure(tensors))[told].values[0] * rows
    count += rows
  }
  return sum / count
}
