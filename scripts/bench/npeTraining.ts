import type * as tf from '@tensorflow/tfjs'
import { type ArrayValue, type Key, makeKey, permutation } from '../../core/index.js'
import { makeTrainer } from '../../engine/index.js'
import { makeFlow } from '../../generative/flow/index.js'
import type { Dwarf } from '../../io/dwarfs/dwarf.js'
import { seeDwarf } from '../../pipelines/dwarfs/seenDwarf.js'
import { type DwarfTheta, drawDwarf, dwarfPrior, toCoordinates } from '../../simulators/index.js'
import { type BenchLine, processorModel } from './benchLine.js'
import { startPeerStep } from './peer.js'

const [galaxies, tests, stars, epochs, batch, bins] = [10_000, 2000, 100, 20, 200, 8]
const models = { maf: 'maf', nsf: 'nsf-coupling' } as const

interface Table {
  readonly theta: Float32Array
  readonly x: Float32Array
  readonly rows: number
}

/**
 * Posterior estimation on a table beside Python's sbi: dwarf galaxies in 13 numbers (scales, and the spread of
 * velocities in eight rings of equal counts), six parameters. The same rows, flow (5 transforms of 50 hidden units
 * twice), batch 200, learning rate 5e-4 and epochs on both sides, a tenth held out to choose the best epoch, as sbi
 * does. Times are of the training, compiling included; `log_prob` is the mean over 2,000 further galaxies, nats in the
 * coordinates of the prior.
 */
export async function* npeTraining(): AsyncGenerator<BenchLine> {
  const key = makeKey(5)
  const [train, test] = [table(key.split('train'), galaxies), table(key.split('test'), tests)]
  const width = train.x.length / train.rows
  const tensors = new Map<string, ArrayValue>([
    ['p.theta', { shape: [galaxies, 6], values: train.theta }],
    ['p.x', { shape: [galaxies, width], values: train.x }],
    ['p.theta_test', { shape: [tests, 6], values: test.theta }],
    ['p.x_test', { shape: [tests, width], values: test.x }],
  ])
  const threads = 2
  const peer = await startPeerStep('npe_training.py', tensors, threads)
  try {
    for (const model of ['maf', 'nsf'] as const) {
      const ours = await trainOurs({ kind: models[model], train, test, threads }, key.split(model))
      const theirs = await peer?.run(model, epochs)
      yield {
        name: `npe-training ${model}`,
        size: `${galaxies} galaxies of ${width} numbers, 6 parameters, ${epochs} epochs of batch ${batch}`,
        ours_ms: ours.ms,
        peer: peer ? `sbi, ${peer.version}` : null,
        peer_ms: theirs?.ms[0] ?? null,
        ratio: theirs ? theirs.ms[0] / ours.ms : null,
        threads,
        cpu: processorModel(),
        log_prob: ours.logProb,
        peer_log_prob: theirs ? -theirs.losses[0] : null,
      }
    }
  } finally {
    await peer?.close()
  }
}

function table(key: Key, rows: number): Table {
  const theta = new Float32Array(rows * 6)
  const seen: number[][] = []
  for (let i = 0; i < rows; i++) {
    const dwarf = drawDwarf(key.split(i), dwarfPrior, { stars })
    theta.set(toCoordinates(dwarf.theta as DwarfTheta), i * 6)
    seen.push(summaryOf(dwarf))
  }
  return { theta, x: Float32Array.from(seen.flat()), rows }
}

function summaryOf(dwarf: Dwarf): number[] {
  const { positions, velocities } = dwarf
  const radius = (i: number) => Math.hypot(positions[2 * i], positions[2 * i + 1])
  const order = Array.from({ length: dwarf.stars }, (_, i) => i).sort((a, b) => radius(a) - radius(b))
  const rings = Array.from({ length: bins }, (_, b) => {
    const ring = order.slice(Math.floor((b * order.length) / bins), Math.floor(((b + 1) * order.length) / bins))
    return 0.5 * Math.log10(ring.reduce((sum, i) => sum + velocities[i] ** 2, 0) / ring.length + 1e-6)
  })
  return [...seeDwarf(dwarf).context, ...rings]
}

interface OurTraining {
  readonly kind: 'maf' | 'nsf-coupling'
  readonly train: Table
  readonly test: Table
  readonly threads: number
}

async function trainOurs({ kind, train, test, threads }: OurTraining, key: Key) {
  const began = performance.now()
  const width = train.x.length / train.rows
  const [ofTheta, ofX] = [statistics(train.theta, 6), statistics(train.x, width)]
  const flow = makeFlow({ kind, dim: 6, conditions: width, layers: 5, hidden: [50, 50], bins: 10, standard: ofTheta })
  const order = permutation(key.split('split'), train.rows)
  const held = Math.floor(train.rows / 10)
  const [validation, training] = [order.subarray(0, held), order.subarray(held)]
  const steps = epochs * Math.floor(training.length / batch)
  const trainer = makeTrainer(
    (params, { theta, x }: { readonly theta: tf.Tensor; readonly x: tf.Tensor }) => ({
      loss: flow.logProb(params, theta, x).mean().neg(),
    }),
    flow.init(key.split('init')),
    { schedule: { peak: 5e-4, warmup: 0, steps, final: 5e-4 }, clip: 5, ema: 0, threads },
  )
  try {
    const rowsOf = ({ theta, x }: Table, rows: ArrayLike<number>) => ({
      theta: { shape: [rows.length, 6], values: gathered(theta, 6, rows) },
      x: { shape: [rows.length, width], values: gathered(x, width, rows, ofX) },
    })
    const all = rowsOf(
      test,
      Int32Array.from({ length: test.rows }, (_, i) => i),
    )
    let best = { validation: Number.POSITIVE_INFINITY, test: Number.NaN }
    let testing = 0
    for (let epoch = 0; epoch < epochs; epoch++) {
      const shuffled = permutation(key.split('epoch').split(epoch), training.length)
      for (let first = 0; first + batch <= training.length; first += batch) {
        const rows = Array.from(shuffled.subarray(first, first + batch), i => training[i])
        await trainer.step(rowsOf(train, rows))
      }
      const { loss } = await trainer.measure(rowsOf(train, validation))
      if (loss.values[0] >= best.validation) continue
      const testBegan = performance.now()
      best = { validation: loss.values[0], test: (await trainer.measure(all)).loss.values[0] }
      testing += performance.now() - testBegan
    }
    return { ms: performance.now() - began - testing, logProb: -best.test }
  } finally {
    await trainer.close()
  }
}

function statistics(values: Float32Array, width: number) {
  const rows = values.length / width
  const mean = Array.from({ length: width }, (_, c) => {
    let sum = 0
    for (let i = c; i < values.length; i += width) sum += values[i]
    return sum / rows
  })
  const scale = mean.map((m, c) => {
    let square = 0
    for (let i = c; i < values.length; i += width) square += (values[i] - m) ** 2
    return Math.sqrt(square / rows) || 1
  })
  return { mean, scale }
}

function gathered(values: Float32Array, width: number, rows: ArrayLike<number>, by?: ReturnType<typeof statistics>) {
  const out = new Float32Array(rows.length * width)
  for (let i = 0; i < rows.length; i++) {
    for (let c = 0; c < width; c++) {
      const value = values[rows[i] * width + c]
      out[i * width + c] = by ? (value - by.mean[c]) / by.scale[c] : value
    }
  }
  return out
}
