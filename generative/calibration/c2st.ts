import { DataError, type Key, permutation } from '../../core/index.js'
import { type LabelledRows, trainSideBySide } from './classifier/sideBySide.js'
import type { SamplePair } from './samplePair.js'

export interface C2st {
  /** share of rows, of folds not trained on, that a network assigned to the right sample: .5 by chance, 1 at best */
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

/**
 * Classifier two-sample test (Friedman 2003; Lopez-Paz and Oquab 2017, arXiv 1610.06545) as the standard benchmark of
 * simulation-based inference measures it (Lueckmann et al. 2021, arXiv 2101.04653; sbibm/metrics/c2st.py at f0bc4403):
 * both samples scaled by mean and deviation of the first, a network of two hidden layers of 10 dim units trained by
 * Adam until its loss stands still, accuracy on the fold that was held out, mean over five folds. All folds are trained
 * side by side, in one compiled step; `trainSideBySide` has the numbers.
 *
 *     const { accuracy } = await c2st({ reference, sample, dim: 2 }, makeKey(0))   // .5: they cannot be told apart
 *
 * @param pair both are scaled by the moments of the reference
 * @throws DataError where a number is not finite, or there are fewer rows than folds
 */
export async function c2st(
  pair: SamplePair,
  key: Key,
  { folds = 5, threads = 1, signal }: C2stOptions = {},
): Promise<C2st> {
  const { reference, sample, dim } = pair
  const n = reference.length / dim
  const rows = n + sample.length / dim
  expectSamples(pair, folds)
  const labels = new Uint8Array(rows).fill(1, n)
  const labelled: LabelledRows = { width: dim, values: standardised(pair), labels }
  const order = permutation(key.split('folds'), rows)
  const ends = Array.from(
    { length: folds + 1 },
    (_, fold) => fold * Math.floor(rows / folds) + Math.min(fold, rows % folds),
  )
  const tests = Array.from({ length: folds }, (_, fold) => order.slice(ends[fold], ends[fold + 1]))
  const trains = tests.map((_, fold) => order.filter((_, at) => at < ends[fold] || at >= ends[fold + 1]))
  const trained = await trainSideBySide({ data: labelled, trains, tests }, key, { hidden: 10 * dim, threads, signal })
  const accuracies = trained.map(({ logOdds }, fold) => {
    const right = tests[fold].filter((row, at) => logOdds[at] > 0 === (labels[row] === 1))
    return right.length / tests[fold].length
  })
  return {
    accuracy: accuracies.reduce((sum, value) => sum + value, 0) / folds,
    folds: accuracies,
    epochs: trained.map(({ epochs }) => epochs),
  }
}

function standardised({ reference, sample, dim }: SamplePair): Float32Array {
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

function expectSamples({ reference, sample, dim }: SamplePair, folds: number): void {
  for (const [name, values] of [
    ['reference', reference],
    ['sample', sample],
  ] as const) {
    const bad = Array.prototype.findIndex.call(values, (value: number) => !Number.isFinite(value))
    if (bad < 0 && values.length >= folds * dim && values.length % dim === 0) continue
    throw new DataError(
      `expected at least ${folds} rows of ${dim} finite numbers in the ${name} to compare`,
      bad < 0 ? `got ${values.length} numbers` : `got ${values[bad]} in row ${Math.floor(bad / dim)}`,
      'omit such draws, and count them',
    )
  }
}
