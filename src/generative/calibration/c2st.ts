import type { Tensor } from '@tensorflow/tfjs'
import { type ArrayValue, DataError, type Key, permutation, type Tree, uniform } from '../../core/index.js'
import { makeTrainer, type Trainer } from '../../engine/index.js'
import { crossEntropy, type Layers, layersOf, logOddsOf } from './classifier/perceptrons.js'

export interface C2st {
  /** share of rows, of folds not trained on, whose sample a network told: .5 where it cannot, 1 where it always can */
  readonly accuracy: number
  /** `[folds]` the same for each */
  readonly folds: readonly number[]
  /** passes through the training data that each fold's network took */
  readonly epochs: readonly number[]
}

export interface C2stOptions {
  readonly folds?: number
  readonly threads?: number
  readonly signal?: AbortSignal
}

/** scikit-learn's MLPClassifier as the benchmark calls it: what is not said there is the default. */
const BATCH = 200
const RATE = 1e-3
const SHRINKAGE = 1e-4
/** A network stops when its mean loss has not fallen by so much for more than so many passes. */
const TOLERANCE = 1e-4
const PATIENCE = 10
const MOST_EPOCHS = 10_000

/**
 * Classifier two-sample test (Friedman 2003; Lopez-Paz and Oquab 2017, arXiv 1610.06545) as the standard benchmark of simulation-based inference measures it
 * (Lueckmann et al. 2021, arXiv 2101.04653; sbibm/metrics/c2st.py at f0bc4403): both samples scaled by mean and deviation of the first, a network of two
 * hidden layers of 10 dim units trained by Adam until its loss stands still, accuracy on the fold left out, mean over five folds. All folds are trained
 * in one compiled step.
 *
 * @param reference `[n, dim]`, by whose moments both are scaled
 * @param sample    `[m, dim]`
 * @throws DataError where a number is not finite, or there are fewer rows than folds
 */
export async function c2st(
  reference: ArrayLike<number>,
  sample: ArrayLike<number>,
  dim: number,
  key: Key,
  { folds = 5, threads = 1, signal }: C2stOptions = {},
): Promise<C2st> {
  const n = reference.length / dim
  const rows = n + sample.length / dim
  expectSamples(reference, sample, dim, folds)
  const values = standardised(reference, sample, dim)
  const label = (row: number) => (row < n ? 0 : 1)
  const order = permutation(key.split('folds'), rows)
  const ends = Array.from({ length: folds + 1 }, (_, fold) => fold * Math.floor(rows / folds) + Math.min(fold, rows % folds))
  const tests = Array.from({ length: folds }, (_, fold) => order.slice(ends[fold], ends[fold + 1]))
  const trains = tests.map((_, fold) => Int32Array.of(...order.subarray(0, ends[fold]), ...order.subarray(ends[fold + 1])))
  const batchSize = Math.min(BATCH, ...trains.map(({ length }) => length))
  const trainer = makeTrainer(lossOf, initial(folds, dim, 10 * dim, key.split('weights')), {
    schedule: { peak: RATE, final: RATE, warmup: 0, steps: 1 },
    ema: 0,
    threads,
  })
  try {
    const accuracies = new Array<number>(folds).fill(Number.NaN)
    const epochs = new Array<number>(folds).fill(0)
    const progress = trains.map(() => ({ best: Infinity, without: 0 }))
    for (let epoch = 0; epochs.includes(0) && epoch < MOST_EPOCHS; epoch++) {
      signal?.throwIfAborted()
      const losses = await epochOf(trainer, values, dim, label, trains, batchSize, key.split('epoch').split(epoch))
      const stopping = progress.flatMap((one, fold) => {
        one.without = losses[fold] > one.best - TOLERANCE ? one.without + 1 : 0
        one.best = Math.min(one.best, losses[fold])
        return epochs[fold] === 0 && (one.without > PATIENCE || epoch === MOST_EPOCHS - 1) ? [fold] : []
      })
      if (stopping.length === 0) continue
      const found = await accuracyOf(trainer, values, dim, label, tests)
      for (const fold of stopping) {
        accuracies[fold] = found[fold]
        epochs[fold] = epoch + 1
      }
    }
    return { accuracy: accuracies.reduce((sum, value) => sum + value, 0) / folds, folds: accuracies, epochs }
  } finally {
    await trainer.close()
  }
}

type Rows = { readonly x: Tensor; readonly y: Tensor; readonly weight: Tensor }

/** Each network's mean over its rows with its share of shrinkage; the sum over networks is what is made small. */
function lossOf(params: Tree<Tensor>, { x, y, weight }: Rows) {
  const logOdds = logOddsOf(params, x)
  const { w1, w2, w3 } = params as Layers<Tensor>
  const count = weight.sum(1)
  const squares = [w1, w2, w3].map(w => w.square().sum([1, 2])).reduce((sum, one) => sum.add(one))
  const losses = crossEntropy(logOdds, y)
    .mul(weight)
    .sum(1)
    .add(squares.mul(SHRINKAGE / 2))
    .div(count)
  return { loss: losses.sum(), losses, logOdds }
}

/** Glorot and Bengio 2010, weights and biases: uniform within sqrt(6 / (inputs + outputs)). */
function initial(networks: number, width: number, hidden: number, key: Key): Layers<ArrayValue> {
  return layersOf({ networks, width, hidden }, (name, inputs, outputs, count) => {
    const bound = Math.sqrt(6 / (inputs + outputs))
    return uniform(key.split(name), count).map(u => bound * (2 * u - 1))
  })
}

/** One pass of each network through its rows, in an order of its own; its mean loss on the way. */
async function epochOf(
  trainer: Trainer,
  values: Float32Array,
  dim: number,
  label: (row: number) => number,
  trains: readonly Int32Array[],
  batch: number,
  key: Key,
): Promise<Float64Array> {
  const orders = trains.map((rows, fold) => permutation(key.split(fold), rows.length).map(at => rows[at]))
  const most = Math.max(...orders.map(({ length }) => length))
  const losses = new Float64Array(trains.length)
  for (let from = 0; from < most; from += batch) {
    const parts = orders.map(order => order.subarray(from, from + batch))
    const measured = await trainer.step(gathered(values, dim, label, parts, batch))
    parts.forEach(({ length }, fold) => {
      losses[fold] += (measured.losses.values[fold] * length) / orders[fold].length
    })
  }
  return losses
}

async function accuracyOf(
  trainer: Trainer,
  values: Float32Array,
  dim: number,
  label: (row: number) => number,
  tests: readonly Int32Array[],
): Promise<number[]> {
  const most = Math.max(...tests.map(({ length }) => length))
  const { logOdds } = await trainer.measure(gathered(values, dim, label, tests, most))
  return tests.map((rows, fold) => {
    let right = 0
    rows.forEach((row, at) => {
      if (logOdds.values[fold * most + at] > 0 === (label(row) === 1)) right++
    })
    return right / rows.length
  })
}

/** Rows of each network, `[networks, batch, dim]`; missing ones have weight 0. */
function gathered(
  values: Float32Array,
  dim: number,
  label: (row: number) => number,
  parts: readonly Int32Array[],
  batch: number,
): Record<'x' | 'y' | 'weight', ArrayValue> {
  const x = new Float32Array(parts.length * batch * dim)
  const y = new Float32Array(parts.length * batch)
  const weight = new Float32Array(parts.length * batch)
  parts.forEach((rows, network) => {
    let at = network * batch
    for (const row of rows) {
      for (let i = 0; i < dim; i++) x[at * dim + i] = values[row * dim + i]
      y[at] = label(row)
      weight[at++] = 1
    }
  })
  const shape = [parts.length, batch]
  return { x: { shape: [...shape, dim], values: x }, y: { shape, values: y }, weight: { shape, values: weight } }
}

function standardised(reference: ArrayLike<number>, sample: ArrayLike<number>, dim: number): Float32Array {
  const n = reference.length / dim
  const out = new Float32Array(reference.length + sample.length)
  for (let column = 0; column < dim; column++) {
    let mean = 0
    for (let at = column; at < reference.length; at += dim) mean += reference[at] / n
    let squares = 0
    for (let at = column; at < reference.length; at += dim) squares += (reference[at] - mean) ** 2
    const deviation = Math.sqrt(squares / (n - 1)) || 1
    for (let at = column; at < reference.length; at += dim) out[at] = (reference[at] - mean) / deviation
    for (let at = column; at < sample.length; at += dim) out[reference.length + at] = (sample[at] - mean) / deviation
  }
  return out
}

function expectSamples(reference: ArrayLike<number>, sample: ArrayLike<number>, dim: number, folds: number): void {
  for (const [name, values] of [
    ['reference', reference],
    ['sample', sample],
  ] as const) {
    const bad = Array.prototype.findIndex.call(values, (value: number) => !Number.isFinite(value))
    if (bad < 0 && values.length >= folds * dim && values.length % dim === 0) continue
    throw new DataError(
      `expected at least ${folds} rows of ${dim} finite numbers in the ${name} to compare`,
      bad < 0 ? `got ${values.length} numbers` : `got ${values[bad]} in row ${Math.floor(bad / dim)}`,
      'leave such draws out, and count them',
    )
  }
}
