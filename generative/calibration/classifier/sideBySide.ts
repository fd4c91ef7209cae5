import type { Tensor } from '@tensorflow/tfjs'
import { type ArrayValue, type Key, permutation, uniform } from '../../../core/index.js'
import {
  adamWCorrections,
  type Compiled,
  compile,
  makeEvaluator,
  type OrtTensor,
  type Program,
  type Value,
} from '../../../engine/index.js'
import { type AdamState, adamStep, layersIn, type Perceptrons, parameterCount, type WeightedRows } from './adamStep.js'
import { layersOf, logOddsOf } from './perceptrons.js'

export interface LabelledRows {
  readonly width: number
  /** `[rows, width]` */
  readonly values: Float32Array
  /** `[rows]` 0 or 1 */
  readonly labels: Uint8Array
}

/** Which rows each network learns from and which it classifies. */
export interface SideBySideData {
  readonly data: LabelledRows
  /** rows that each network is trained on, at least 1 */
  readonly trains: readonly Int32Array[]
  /** rows that each network classifies */
  readonly tests: readonly Int32Array[]
}

export interface SideBySideOptions {
  readonly hidden: number
  readonly threads: number
  readonly signal?: AbortSignal
}

export interface TrainedNetwork {
  /** of the rows it classified */
  readonly logOdds: Float32Array
  /** passes through its training rows */
  readonly epochs: number
}

/**
 * scikit-learn's MLPClassifier(activation='relu', max_iter=10000, solver='adam'): what is not given there is its
 * default.
 */
const largestBatch = 200
const learningRate = 1e-3
const weightDecay = 1e-4
/** A network stops when its mean loss has not fallen by `tolerance` for more than `patience` epochs. */
const tolerance = 1e-4
const patience = 10
const mostEpochs = 10_000

/**
 * Classifiers of two hidden layers, each trained on rows of its own as scikit-learn's MLPClassifier trains one: Adam in
 * batches of 200, until the loss stands still. They run side by side through one compiled step; one that has stopped
 * classifies its rows and takes no part in the step from then on.
 */
export async function trainSideBySide(
  { data, trains, tests }: SideBySideData,
  key: Key,
  { hidden, threads, signal }: SideBySideOptions,
): Promise<TrainedNetwork[]> {
  const { width } = data
  const batch = Math.min(largestBatch, ...trains.map(({ length }) => length))
  const trained = new Map<number, TrainedNetwork>()
  const progress = trains.map(() => ({ best: Infinity, without: 0 }))
  let active = trains.map((_, network) => network)
  let state: AdamState<Value> = initialState({ networks: active.length, width, hidden }, key.split('weights'))
  let step = await compiledStep({ networks: active.length, width, hidden }, batch, threads)
  let done = 0
  try {
    for (let epoch = 1; active.length > 0; epoch++) {
      signal?.throwIfAborted()
      const orders = active.map(network => {
        const rows = trains[network]
        return permutation(key.split('epoch').split(epoch).split(network), rows.length).map(at => rows[at])
      })
      const losses = new Float64Array(active.length)
      for (let from = 0; from < Math.max(...orders.map(({ length }) => length)); from += batch) {
        const parts = orders.map(order => order.subarray(from, from + batch))
        const [correction1, correction2] = adamWCorrections(done++)
        const scalars = {
          rate: scalar(learningRate),
          correction1: scalar(correction1),
          correction2: scalar(correction2),
        }
        const result = await step.run(state, gathered(data, parts, batch), scalars)
        const { state: next, losses: found } = result as unknown as StepResult
        state = next
        parts.forEach(({ length }, at) => {
          losses[at] += ((found.data as Float32Array)[at] * length) / orders[at].length
        })
      }
      const stopped = active.map((network, at) => {
        const one = progress[network]
        one.without = losses[at] > one.best - tolerance ? one.without + 1 : 0
        one.best = Math.min(one.best, losses[at])
        return one.without > patience || epoch === mostEpochs
      })
      if (!stopped.includes(true)) continue
      const held = valuesOf(state)
      for (const [at, network] of active.entries()) {
        if (!stopped[at]) continue
        const params = rowsOf(held.params, [at])
        trained.set(network, {
          logOdds: await judge(data, tests[network], params, { width, hidden, threads }),
          epochs: epoch,
        })
      }
      const left = active.flatMap((_, at) => (stopped[at] ? [] : [at]))
      active = left.map(at => active[at])
      await step.release()
      if (active.length === 0) break
      state = { params: rowsOf(held.params, left), m: rowsOf(held.m, left), v: rowsOf(held.v, left) }
      step = await compiledStep({ networks: active.length, width, hidden }, batch, threads)
    }
  } finally {
    if (active.length > 0) await step.release()
  }
  return trains.map((_, network) => trained.get(network) as TrainedNetwork)
}

type StepResult = { readonly state: AdamState<OrtTensor>; readonly losses: OrtTensor }
type StepProgram = (
  state: AdamState<Tensor>,
  rows: WeightedRows<Tensor>,
  scalars: Readonly<Record<'rate' | 'correction1' | 'correction2', Tensor>>,
) => ReturnType<typeof adamStep>

function compiledStep(sizes: Perceptrons, batch: number, threads: number): Promise<Compiled> {
  const { networks, width } = sizes
  const held = { shape: [networks, parameterCount(sizes)] }
  const rows = { shape: [networks, batch] }
  const one = { shape: [] }
  return compile(
    ((state, rows, scalars) => adamStep(sizes, state, rows, scalars)) as StepProgram as unknown as Program,
    [
      { params: held, m: held, v: held },
      { x: { shape: [networks, batch, width] }, y: rows, weight: rows, shrinkage: { shape: [networks, 1] } },
      { rate: one, correction1: one, correction2: one },
    ],
    { threads, name: 'classifiers' },
  )
}

async function judge(
  data: LabelledRows,
  rows: Int32Array,
  params: ArrayValue,
  { width, hidden, threads }: { readonly width: number; readonly hidden: number; readonly threads: number },
): Promise<Float32Array> {
  const sizes = { networks: 1, width, hidden }
  const { x } = gathered(data, [rows], rows.length)
  const evaluator = makeEvaluator((held: Tensor, at: Tensor) => logOddsOf(layersIn(held, sizes), at), {
    threads,
    name: 'classifier',
  })
  try {
    return (await evaluator.run(params, x)).values.slice() as Float32Array
  } finally {
    await evaluator.close()
  }
}

/** Glorot and Bengio 2010, weights and biases: uniform within sqrt(6 / (inputs + outputs)). */
function initialState(sizes: Perceptrons, key: Key): AdamState<ArrayValue> {
  const layers = layersOf(sizes, (name, inputs, outputs, count) => {
    const bound = Math.sqrt(6 / (inputs + outputs))
    return uniform(key.split(name), count).map(u => bound * (2 * u - 1))
  })
  const size = parameterCount(sizes)
  const params = new Float32Array(sizes.networks * size)
  let from = 0
  for (const name of ['w1', 'b1', 'w2', 'b2', 'w3', 'b3'] as const) {
    const count = layers[name].values.length / sizes.networks
    for (let network = 0; network < sizes.networks; network++)
      params.set(
        layers[name].values.subarray(network * count, (network + 1) * count) as Float32Array,
        network * size + from,
      )
    from += count
  }
  const value = (values: Float32Array) => ({ shape: [sizes.networks, size], values })
  return { params: value(params), m: value(new Float32Array(params.length)), v: value(new Float32Array(params.length)) }
}

/** Rows of each network, `[networks, batch, width]`; missing ones have weight 0. */
function gathered(
  { width, values, labels }: LabelledRows,
  parts: readonly Int32Array[],
  batch: number,
): Record<'x' | 'y' | 'weight' | 'shrinkage', ArrayValue> {
  const networks = parts.length
  const x = new Float32Array(networks * batch * width)
  const y = new Float32Array(networks * batch)
  const weight = new Float32Array(networks * batch)
  for (let network = 0; network < networks; network++) {
    const rows = parts[network]
    for (let i = 0; i < rows.length; i++) {
      const at = network * batch + i
      const row = rows[i]
      for (let column = 0; column < width; column++) x[at * width + column] = values[row * width + column]
      y[at] = labels[row]
      weight[at] = 1 / rows.length
    }
  }
  const shrinkage = Float32Array.from(parts, rows => (rows.length === 0 ? 0 : weightDecay / rows.length))
  return {
    x: { shape: [networks, batch, width], values: x },
    y: { shape: [networks, batch], values: y },
    weight: { shape: [networks, batch], values: weight },
    shrinkage: { shape: [networks, 1], values: shrinkage },
  }
}

function valuesOf(state: AdamState<Value>): AdamState<ArrayValue> {
  const value = (one: Value): ArrayValue =>
    'values' in one ? one : { shape: one.dims, values: (one.data as Float32Array).slice() }
  return { params: value(state.params), m: value(state.m), v: value(state.v) }
}

/** Some rows of `[networks, parameters]`. */
function rowsOf({ shape, values }: ArrayValue, which: readonly number[]): ArrayValue {
  const size = shape[1]
  const out = new Float32Array(which.length * size)
  which.forEach((row, at) => {
    out.set(values.subarray(row * size, (row + 1) * size) as Float32Array, at * size)
  })
  return { shape: [which.length, size], values: out }
}

function scalar(value: number): ArrayValue {
  return { shape: [], values: Float32Array.of(value) }
}
