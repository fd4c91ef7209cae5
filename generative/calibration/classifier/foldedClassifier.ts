import type { Tensor } from '@tensorflow/tfjs'
import { type ArrayValue, type Key, normal, type Tree, uniform } from '../../../core/index.js'
import { makeTrainer } from '../../../engine/index.js'
import { crossEntropy, type Layers, layersOf, logOddsOf } from './perceptrons.js'

/** Rows of one fold: what the networks of the other folds are trained on and its own is tried on. */
export interface Fold {
  readonly rows: number
  /** `[rows, width]`, standardised */
  readonly values: Float32Array
  /** `[rows]` 1 for drawn, 0 for simulated */
  readonly labels: Float32Array
}

export interface ClassifierOptions {
  readonly hidden: number
  readonly batch: number
  readonly steps: number
  readonly threads: number
}

/**
 * Trains one perceptron of two hidden layers a fold on the rows of all other folds, in one compiled step for all:
 * parameters and batches have a leading axis of folds. Each network, averaged over its steps, then sees its own fold.
 *
 * @returns `[rows]` a fold: log odds that a row is drawn
 */
export async function foldedLogOdds(
  folds: readonly Fold[],
  width: number,
  { hidden, batch, steps, threads }: ClassifierOptions,
  key: Key,
): Promise<Float32Array[]> {
  const trainer = makeTrainer(lossOf, initial(folds.length, width, hidden, key), {
    schedule: { peak: 5e-3, warmup: Math.min(20, steps), steps },
    optimiser: { weightDecay: 1e-2 },
    clip: 1,
    ema: 0.98,
    threads,
  })
  try {
    for (let step = 0; step < steps; step++)
      await trainer.step(batchOf(folds, width, batch, key.split('batch').split(step)))
    const most = Math.max(...folds.map(({ rows }) => rows))
    const x = new Float32Array(folds.length * most * width)
    for (const [fold, { values }] of folds.entries()) x.set(values, fold * most * width)
    const { logits } = await trainer.measure({
      x: { shape: [folds.length, most, width], values: x },
      y: { shape: [folds.length, most], values: new Float32Array(folds.length * most) },
    })
    return folds.map(({ rows }, fold) =>
      Float32Array.from({ length: rows }, (_, row) => logits.values[fold * most + row]),
    )
  } finally {
    await trainer.close()
  }
}

function lossOf(params: Tree<Tensor>, { x, y }: { x: Tensor; y: Tensor }): { loss: Tensor; logits: Tensor } {
  const logits = logOddsOf(params, x)
  return { loss: crossEntropy(logits, y).mean(), logits }
}

/** He et al. 2015, arXiv 1502.01852: variance 2 / inputs. The last layer starts at zero: even odds. */
function initial(networks: number, width: number, hidden: number, key: Key): Layers<ArrayValue> {
  return layersOf({ networks, width, hidden }, (name, inputs, _, count) =>
    name === 'w1' || name === 'w2'
      ? normal(key.split(name), count).map(x => x * Math.sqrt(2 / inputs))
      : new Float32Array(count),
  )
}

/** Rows drawn at random, with replacement, for each network from all folds but its own. */
function batchOf(folds: readonly Fold[], width: number, batch: number, key: Key): Record<'x' | 'y', ArrayValue> {
  const x = new Float32Array(folds.length * batch * width)
  const y = new Float32Array(folds.length * batch)
  const total = folds.reduce((sum, { rows }) => sum + rows, 0)
  const draws = uniform(key, folds.length * batch)
  for (let network = 0; network < folds.length; network++) {
    const others = total - folds[network].rows
    for (let slot = network * batch; slot < (network + 1) * batch; slot++) {
      let row = Math.floor(draws[slot] * others)
      let fold = network === 0 ? 1 : 0
      while (row >= folds[fold].rows) {
        row -= folds[fold].rows
        fold += fold + 1 === network ? 2 : 1
      }
      x.set(folds[fold].values.subarray(row * width, (row + 1) * width), slot * width)
      y[slot] = folds[fold].labels[row]
    }
  }
  return { x: { shape: [folds.length, batch, width], values: x }, y: { shape: [folds.length, batch], values: y } }
}
