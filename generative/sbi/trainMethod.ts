import { type ArrayValue, DataError, type Key, makeKey, permutation, type Tree } from '../../core/index.js'
import { makeTrainer } from '../../engine/index.js'
import type { Method } from './method.js'
import { methodBatch, methodLoss } from './methodBatch.js'

export interface TrainMethodOptions {
  /** rows a step; default grows with the simulations, from 64 to 512 */
  readonly batch?: number
  /** passes over the training rows at most; default such that a run takes about as many steps */
  readonly epochs?: number
  /** largest learning rate; default 3e-3 */
  readonly peak?: number
  /** share of the rows held out; default .1 */
  readonly validation?: number
  /** held-out rows at most; default 5000 */
  readonly validationMost?: number
  /** evaluations without a better held-out loss before the training stops; default 15 */
  readonly patience?: number
  /** share of the moving average kept at each step; default .995 */
  readonly ema?: number
  readonly clip?: number
  /** of AdamW; default .3 */
  readonly weightDecay?: number
  readonly threads?: number
  /** Told of every evaluation: mean training loss since the last, held-out loss of the averaged parameters. */
  onEvaluation?(progress: { step: number; of: number; loss: number; validation: number }): void
  /** Told of every step. */
  onStep?(progress: { step: number; of: number; loss: number }): void
  readonly signal?: AbortSignal
}

/** Pairs of parameters and observations in memory. */
export interface Simulations<O> {
  /** `[rows, p]` standard normal coordinates of theta */
  readonly z: Float32Array
  /** `[rows]` */
  readonly objects: readonly O[]
}

export interface TrainedMethod {
  /** averaged parameters where the held-out loss was least */
  readonly params: Tree<ArrayValue>
  /** least held-out loss */
  readonly validation: number
  /** steps taken, and at which of them the parameters are from */
  readonly steps: number
  readonly best: number
}

/**
 * What a training takes where it is told nothing. By held-out loss and C2ST of npe on slcp at 10,000 simulations: large
 * steps for long are what keeps a flow from learning its table by heart (peak 1e-3: 2.59 nats, .85; 3e-3 with a little
 * decay, which draws towards the regression: 1.63 nats, .72).
 */
export const trainingDefaults = { peak: 3e-3, weightDecay: 0.3, ema: 0.995, clip: 5, patience: 15 } as const

/** The sizes that a training takes where it is told nothing. */
export function trainingPlan(rows: number, options: TrainMethodOptions = {}) {
  const { validation = 0.1, validationMost = 5000 } = options
  const held = Math.max(1, Math.min(validationMost, Math.floor(rows * validation)))
  const training = rows - held
  const wanted = options.batch ?? 2 ** Math.round(Math.log2(Math.min(512, Math.max(64, training / 64))))
  const batch = Math.min(wanted, training)
  const perEpoch = Math.floor(training / batch)
  const epochs = options.epochs ?? Math.max(60, Math.min(400, Math.round(8000 / perEpoch)))
  return { held, training, batch, perEpoch, steps: perEpoch * epochs }
}

/**
 * Trains a method on simulations in memory: AdamW with warm-up and a cosine, a moving average of the parameters,
 * held-out rows that say which of them to keep and when to stop. The same key gives the same bytes.
 *
 * @throws DataError where the loss is no number
 */
export async function trainMethod<O>(
  method: Method<O>,
  simulations: Simulations<O>,
  options: TrainMethodOptions,
  key: Key,
): Promise<TrainedMethod> {
  const d = trainingDefaults
  const { peak = d.peak, patience = d.patience, ema = d.ema, clip = d.clip, weightDecay = d.weightDecay } = options
  const { z, objects } = simulations
  const { training, batch, perEpoch, steps } = trainingPlan(objects.length, options)
  const order = permutation(key.split('validation'), objects.length)
  const batchOf = (rows: Int32Array, own: Key) =>
    methodBatch(
      method,
      gathered(z, objects.length, rows),
      Array.from(rows, row => objects[row]),
      own,
    )
  const validation = batchOf(heldOut(method, order.subarray(training)), key.split('held out'))
  const trainer = makeTrainer(methodLoss(method), method.init(key.split('init')), {
    schedule: { peak, warmup: Math.min(200, Math.ceil(steps / 20)), steps, final: peak / 100 },
    ema,
    clip,
    threads: options.threads,
    optimiser: { weightDecay },
  })
  const every = Math.max(perEpoch, Math.ceil(steps / 200))
  const heldOutLoss = async () => (await trainer.measure(validation)).loss.values[0]
  // What a method begins at may be the answer already.
  let best = { params: trainer.params('ema'), validation: await heldOutLoss(), step: 0 }
  let waited = 0
  let sum = 0
  let counted = 0
  let step = 0
  try {
    let epoch = permutation(key.split('epoch').split(0), training)
    while (step < steps && waited < patience) {
      options.signal?.throwIfAborted()
      const at = step % perEpoch
      if (at === 0) epoch = permutation(key.split('epoch').split(step / perEpoch), training)
      const rows = epoch.subarray(at * batch, (at + 1) * batch).map(i => order[i])
      const { loss } = await trainer.step(batchOf(rows, key.split('noise').split(step)))
      step++
      sum += loss.values[0]
      counted++
      options.onStep?.({ step, of: steps, loss: loss.values[0] })
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

/** The held-out rows; several times over where the loss draws random numbers, of which a few would say little. */
function heldOut<O>(method: Method<O>, rows: Int32Array): Int32Array {
  const isNoisy = Object.keys(method.noise(makeKey(0), 1)).length > 0
  const times = isNoisy ? Math.ceil(8192 / rows.length) : 1
  return Int32Array.from({ length: times * rows.length }, (_, i) => rows[i % rows.length])
}

function gathered(values: Float32Array, count: number, rows: Int32Array): ArrayValue {
  const width = values.length / count
  const out = new Float32Array(rows.length * width)
  for (const [i, row] of rows.entries()) out.set(values.subarray(row * width, (row + 1) * width), i * width)
  return { shape: [rows.length, width], values: out }
}
