import type { Tensor } from '@tensorflow/tfjs'
import { type ArrayValue, DataError, type Key, permutation, type Tree } from '../../core/index.js'
import { type BatchOf, type LossProgram, makeTrainer } from './trainer.js'

/** How rows in memory are trained on. What is absent is chosen from the number of rows. */
export interface FitRowsOptions {
  /** rows a step; default grows with the rows, from 64 to 512 */
  readonly batch?: number
  /** passes over the training rows at most; default such that a run takes about 8000 steps */
  readonly epochs?: number
  /** steps at most; default those of `epochs` */
  readonly steps?: number
  /** largest learning rate; default 3e-3 */
  readonly peak?: number
  /** share of the rows held out; default .1 */
  readonly validation?: number
  /** held-out rows at most; default 5000 */
  readonly validationMost?: number
  /** evaluations without a better held-out loss before the training stops; default 15 */
  readonly patience?: number
  /** share of the moving average kept at each step; default .995, less where `steps` are few */
  readonly ema?: number
  /** largest norm of a gradient; default 5 */
  readonly clip?: number
  /** of AdamW; default .3 */
  readonly weightDecay?: number
  readonly threads?: number
  /** Called at every evaluation: mean training loss since the last one, held-out loss of the averaged parameters. */
  onEvaluation?(progress: { step: number; of: number; loss: number; validation: number }): void
  /** Called at every step. */
  onStep?(progress: { step: number; of: number; loss: number }): void
  readonly signal?: AbortSignal
}

/** What is trained, and on what. */
export interface FitRowsTask<BatchTensors> {
  readonly loss: LossProgram<BatchTensors>
  readonly init: Tree<ArrayValue>
  /** how many rows there are */
  readonly count: number
  /** These rows as a batch; the key is for the random numbers that the loss needs beside them. */
  batchOf(rows: Int32Array, key: Key): BatchOf<BatchTensors>
  /** Times that each held-out row is measured, where the loss draws random numbers; default 1. */
  heldOutTimes?(rows: number): number
}

export interface FittedRows {
  /** averaged parameters where the held-out loss was least */
  readonly params: Tree<ArrayValue>
  /** least held-out loss */
  readonly validation: number
  /** steps taken, and at which of them the parameters are from */
  readonly steps: number
  readonly best: number
}

/**
 * What a training takes where its options are silent. By held-out loss and C2ST of npe on slcp at 10,000 simulations:
 * large steps for long are what keeps a flow from learning its table by heart (peak 1e-3: 2.59 nats, .85; 3e-3 with a
 * little decay, which draws towards the regression: 1.63 nats, .72).
 */
export const trainingDefaults = { peak: 3e-3, weightDecay: 0.3, ema: 0.995, clip: 5, patience: 15 } as const

/** The sizes that a training takes where its options are silent. */
export function trainingPlan(rows: number, options: FitRowsOptions = {}) {
  const { validation = 0.1, validationMost = 5000 } = options
  const held = Math.max(1, Math.min(validationMost, Math.floor(rows * validation)))
  const training = rows - held
  const wanted = options.batch ?? 2 ** Math.round(Math.log2(Math.min(512, Math.max(64, training / 64))))
  const batch = Math.min(wanted, training)
  const perEpoch = Math.floor(training / batch)
  const epochs = options.epochs ?? Math.max(60, Math.min(400, Math.round(8000 / perEpoch)))
  return { held, training, batch, perEpoch, steps: options.steps ?? perEpoch * epochs }
}

/**
 * Trains on rows in memory: AdamW with warm-up and a cosine, a moving average of the parameters, held-out rows that say
 * which of them to keep and when to stop. The same key gives the same bytes.
 *
 * ```ts
 * const { params } = await fitRows({ loss, init: network.init(key), count: 1000, batchOf }, {}, key)
 * ```
 *
 * @throws {DataError} for fewer than two rows, and where the loss is no number
 */
export async function fitRows<BatchTensors>(
  { loss, init, count, batchOf, heldOutTimes }: FitRowsTask<BatchTensors>,
  options: FitRowsOptions,
  key: Key,
): Promise<FittedRows> {
  if (count < 2) throw new DataError('expected at least 2 rows to train on', `got ${count}`, 'give more rows')
  const d = trainingDefaults
  const { training, batch, perEpoch, steps } = trainingPlan(count, options)
  // A few steps would not forget where the average began.
  const usualEma = options.steps === undefined ? d.ema : Math.max(0, Math.min(d.ema, 1 - 10 / steps))
  const { peak = d.peak, patience = d.patience, ema = usualEma, clip = d.clip, weightDecay = d.weightDecay } = options
  const order = permutation(key.split('validation'), count)
  const validation = batchOf(repeated(order.subarray(training), heldOutTimes), key.split('held out'))
  const trainer = makeTrainer<BatchTensors, { readonly loss: Tensor }>(loss, init, {
    schedule: { peak, warmup: Math.min(200, Math.ceil(steps / 20)), steps, final: peak / 100 },
    ema,
    clip,
    threads: options.threads,
    optimiser: { weightDecay },
  })
  const lossOf = ({ loss }: Readonly<Record<'loss', ArrayValue>>): number => loss.values[0]
  const heldOutLoss = async () => lossOf(await trainer.measure(validation))
  const every = Math.max(perEpoch, Math.ceil(steps / 200))
  let waited = 0
  let sum = 0
  let counted = 0
  let step = 0
  try {
    // What a training begins at may be the answer already.
    let best = { params: trainer.params('ema'), validation: await heldOutLoss(), step: 0 }
    let epoch = permutation(key.split('epoch').split(0), training)
    while (step < steps && waited < patience) {
      options.signal?.throwIfAborted()
      const at = step % perEpoch
      if (at === 0) epoch = permutation(key.split('epoch').split(step / perEpoch), training)
      const rows = epoch.subarray(at * batch, (at + 1) * batch).map(i => order[i])
      const own = lossOf(await trainer.step(batchOf(rows, key.split('noise').split(step))))
      step++
      sum += own
      counted++
      options.onStep?.({ step, of: steps, loss: own })
      if (step % every !== 0 && step !== steps) continue
      const measured = await heldOutLoss()
      if (!Number.isFinite(measured) || !Number.isFinite(sum)) {
        throw new DataError(
          'expected a loss that is a number',
          `got ${sum / counted} in training and ${measured} on held-out rows after ${step} steps`,
          'look for NaN or infinite numbers in the simulations, or take a smaller learning rate',
        )
      }
      options.onEvaluation?.({ step, of: steps, loss: sum / counted, validation: measured })
      waited++
      if (measured < best.validation) {
        best = { params: trainer.params('ema'), validation: measured, step }
        waited = 0
      }
      sum = 0
      counted = 0
    }
    return { params: best.params, validation: best.validation, steps: step, best: best.step }
  } finally {
    await trainer.close()
  }
}

function repeated(rows: Int32Array, times: FitRowsTask<never>['heldOutTimes']): Int32Array {
  return Int32Array.from({ length: (times?.(rows.length) ?? 1) * rows.length }, (_, i) => rows[i % rows.length])
}
