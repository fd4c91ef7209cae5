import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import { type ArrayValue, type Tree, WorkError } from '../../core/index.js'
import { mapChunks } from '../chunks.js'
import type { Device } from '../devices/deviceNames.js'
import { compiledByShape } from '../evaluate.js'
import { type OrtTensor, toOrt } from '../model.js'
import { type LeavesAs, withoutAbsent } from '../tree.js'
import { type AdamWOptions, type AdamWStep, adamW, adamWCorrections, clipByGlobalNorm } from './adamW.js'
import { flattenValues, layoutOf, partsOf, unflatten, unflattenValues } from './flat.js'
import { parallelGradients, shardsOf } from './parallel.js'
import { type WarmupCosine, warmupCosine } from './schedule.js'

/** A batch: named arrays. Each set of shapes is compiled once. */
export type Batch = Readonly<Record<string, ArrayValue>>

/** A batch of named arrays and records of them, `{ x, noise: { time } }`, so that names need no prefixes. */
export type NestedBatch = { readonly [name: string]: ArrayValue | NestedBatch }

/**
 * The loss, a scalar, and whatever else is to be measured, by name; all tensors. Pure.
 *
 * @typeParam BatchTensors the batch as the program sees it, `{ x: Tensor; noise: { time: Tensor } }`; keys may be
 *   optional. `never` stands for a batch of which the caller knows nothing.
 */
export type LossProgram<
  BatchTensors = never,
  Measured extends { readonly loss: Tensor } = { readonly loss: Tensor },
> = (params: Tree<Tensor>, batch: BatchTensors) => Measured

/** The batch that a trainer takes for a loss program over these tensors: the same names, with arrays. */
export type BatchOf<BatchTensors> = [BatchTensors] extends [never] ? NestedBatch : LeavesAs<BatchTensors, ArrayValue>

/** The names that a loss program measures; any, where its batch is unknown. */
export type MeasuredNames<BatchTensors, Measured> = [BatchTensors] extends [never]
  ? string
  : Extract<keyof Measured, string>

export interface TrainerOptions {
  readonly optimiser?: AdamWOptions
  readonly schedule: WarmupCosine
  /** largest norm of the gradient */
  readonly clip?: number
  /** share of the moving average kept at each step; default .999 */
  readonly ema?: number
  readonly threads?: number
  readonly device?: Device
  /**
   * Threads that each take an equal part of the batch (its first axis) with a one-threaded session. The gradients are
   * averaged in the order of the parts, so the loss must be a mean over the batch; what else is measured is averaged
   * too. Default: one session of `threads`.
   */
  readonly workers?: number
}

/** All that a run needs to resume to the same bytes. Flat vectors, see `FlatLayout`. */
export interface TrainState {
  readonly step: number
  readonly params: Float32Array
  readonly m: Float32Array
  readonly v: Float32Array
  readonly ema: Float32Array
}

/** Trains on batches of one form and measures by name what its loss program measures. */
export interface Trainer<OneBatch = NestedBatch, Name extends string = string> {
  /**
   * One step of AdamW: gradient, clipping, update, moving average, compiled. Returns what the loss program measured
   * before the update, and `gradient_norm` before clipping.
   */
  step(batch: OneBatch): Promise<Readonly<Record<Name | 'gradient_norm', ArrayValue>>>
  /** What the loss program measures with the averaged parameters, without a step. */
  measure(batch: OneBatch): Promise<Readonly<Record<Name, ArrayValue>>>
  /** A copy of the state. */
  state(): TrainState
  /** Parameters, or their moving average, as a tree. */
  params(which: 'latest' | 'ema'): Tree<ArrayValue>
  close(): Promise<void>
}

/** The flat vectors of a state. */
const stateVectors = ['params', 'm', 'v', 'ema'] as const
type Vectors<T> = Record<(typeof stateVectors)[number], T>
type Updated<T> = { readonly state: Vectors<T>; readonly measured: Record<string, T> }

/**
 * Compiles forward, gradient and optimiser into one graph (with `workers` into two); parameters and moments stay
 * onnxruntime's from step to step. The same bytes on the same kind of CPU with the same number of threads and workers.
 * The names in a batch, and those of what is measured, are those of the loss program.
 *
 * ```ts
 * const trainer = makeTrainer(
 *   (params, { x, noise }: { x: Tensor; noise: { time: Tensor } }) => ({ loss: bound(params, x, noise.time) }),
 *   network.init(key),
 *   { schedule: { peak: 1e-3, warmup: 100, steps: 10_000 } },
 * )
 * const { loss } = await trainer.step({ x: rows, noise: { time: times } })
 * loss.values[0] // nats
 * await trainer.close()
 * ```
 *
 * @param loss  what is made small, of the parameters and a batch
 * @param init  parameters to begin with, and the form of the tree
 * @param from  state to resume from
 * @throws {WorkError} where the state is of another network
 */
export function makeTrainer<BatchTensors, Measured extends { readonly loss: Tensor }>(
  loss: LossProgram<BatchTensors, Measured>,
  init: Tree<ArrayValue>,
  options: TrainerOptions,
  from?: TrainState,
): Trainer<BatchOf<BatchTensors>, MeasuredNames<BatchTensors, Measured>> {
  type Found = Record<MeasuredNames<BatchTensors, Measured> | 'gradient_norm', ArrayValue>
  const layout = layoutOf(init)
  const first = from ?? initialState(flattenValues(init, layout))
  if (first.params.length !== layout.size) {
    throw new WorkError(
      `expected a state of ${layout.size} parameters`,
      `got ${first.params.length}`,
      'resume with the same network',
    )
  }
  let state = Object.fromEntries(stateVectors.map(name => [name, vector(first[name].slice())])) as Vectors<OrtTensor>
  let done = first.step
  const { optimiser, ema = 0.999, clip, threads, device, workers } = options
  const flat = { shape: [layout.size] }
  const scalar = { shape: [] }
  const stateSpecs = Object.fromEntries(stateVectors.map(name => [name, flat]))
  const scalarSpecs = { rate: scalar, correction1: scalar, correction2: scalar }

  const gradientOf = (params: Tensor, batch: BatchTensors) => {
    let measured: Record<string, Tensor> = {}
    const { value, grads } = tf.valueAndGrads((inner: Tensor) => {
      const { loss: mean, ...rest } = loss(unflatten(inner, layout), batch)
      for (const tensor of Object.values(rest)) tf.keep(tensor as Tensor)
      measured = rest as Record<string, Tensor>
      return mean as tf.Scalar
    })([params])
    return { gradient: grads[0], measured: { ...measured, loss: value } }
  }
  const update = (held: Vectors<Tensor>, scalars: Record<string, Tensor>, gradient: Tensor): Updated<Tensor> => {
    const clipped =
      clip === undefined ? { gradient, norm: gradient.square().sum().sqrt() } : clipByGlobalNorm(gradient, clip)
    const advance = ({ gradient, ...held }: Vectors<Tensor> & { gradient: Tensor }, now: AdamWStep) => {
      const next = adamW(held, gradient, now, optimiser)
      return { ...next, ema: held.ema.mul(ema).add(next.params.mul(1 - ema)) }
    }
    const { rate, correction1, correction2 } = scalars
    const now = { rate, correction1, correction2 }
    // Part after part, so that the dozen passes over the vectors go through the cache: half the time at a million.
    const whole = { ...held, gradient: clipped.gradient }
    const chunks = partsOf(layout)
    const next = chunks === 1 ? advance(whole, now) : mapChunks(advance, whole, now, { chunks })
    return { state: next, measured: { gradient_norm: clipped.norm } }
  }
  const wholeStep = (held: Vectors<Tensor>, scalars: Record<string, Tensor>, batch: BatchTensors) => {
    const { gradient, measured } = gradientOf(held.params, batch)
    const updated = update(held, scalars, gradient)
    return { state: updated.state, measured: { ...measured, ...updated.measured } }
  }
  const updateOnly = (held: Vectors<Tensor>, scalars: Record<string, Tensor>, gradients: Tensor[]) =>
    update(held, scalars, gradients.reduce((sum, gradient) => sum.add(gradient)).div(gradients.length))
  const measureOnly = (params: Tensor, batch: BatchTensors): Record<string, Tensor> => ({
    ...loss(unflatten(params, layout), batch),
  })
  const programs = {
    step: compiledByShape(wholeStep, { threads, device, name: 'training step' }),
    measure: compiledByShape(measureOnly, { threads, device, name: 'validation' }),
    update: compiledByShape(updateOnly, { threads: 1, name: 'update' }),
  }
  const scalarsNow = (): Record<string, ArrayValue> => {
    const [correction1, correction2] = adamWCorrections(done, optimiser)
    const values = { rate: warmupCosine(options.schedule, done), correction1, correction2 }
    return Object.fromEntries(
      Object.entries(values).map(([name, x]) => [name, { shape: [], values: Float32Array.of(x) }] as const),
    )
  }
  const parallel = workers === undefined ? undefined : parallelGradients(gradientOf, flat, workers)

  const stepWhole = async (batch: Tree<ArrayValue>): Promise<Record<string, ArrayValue>> => {
    const program = await programs.step.programFor(stateSpecs, scalarSpecs, batch)
    const result = (await program.run(state, scalarsNow(), batch)) as unknown as Updated<OrtTensor>
    state = result.state
    return arrays(result.measured)
  }
  const stepParallel = async (batch: Tree<ArrayValue>, count: number): Promise<Record<string, ArrayValue>> => {
    const everyGradient = Array.from({ length: count }, () => flat)
    const program = await programs.update.programFor(stateSpecs, scalarSpecs, everyGradient)
    const parts = (await parallel?.run(state.params.data as Float32Array, shardsOf(batch, count))) ?? []
    // onnxruntime refuses shared memory: these are copies.
    const gradients = parts.map(({ gradient }) => vector(new Float32Array(gradient)))
    const result = (await program.run(state, scalarsNow(), gradients)) as unknown as Updated<OrtTensor>
    state = result.state
    return { ...averaged(parts.map(part => part.measured)), ...arrays(result.measured) }
  }

  return {
    async step(batch) {
      const given = withoutAbsent(batch as Tree<ArrayValue>)
      const measured = workers === undefined ? await stepWhole(given) : await stepParallel(given, workers)
      done++
      return measured as Found
    },
    async measure(batch) {
      const given = withoutAbsent(batch as Tree<ArrayValue>)
      const program = await programs.measure.programFor(flat, given)
      return arrays((await program.run(state.ema, given)) as Record<string, OrtTensor>) as Found
    },
    state: () => ({
      step: done,
      ...(Object.fromEntries(stateVectors.map(name => [name, copyOf(state[name])])) as Vectors<Float32Array>),
    }),
    params: which => unflattenValues(copyOf(which === 'ema' ? state.ema : state.params), layout),
    async close() {
      await parallel?.close()
      for (const program of Object.values(programs)) await program.release()
    },
  }
}

function initialState(params: Float32Array): TrainState {
  const zeros = (): Float32Array => new Float32Array(params.length)
  return { step: 0, params, m: zeros(), v: zeros(), ema: params }
}

function vector(values: Float32Array): OrtTensor {
  return toOrt({ shape: [values.length], values }, 'float32')
}

function copyOf(tensor: OrtTensor): Float32Array {
  return (tensor.data as Float32Array).slice()
}

function arrays(tensors: Readonly<Record<string, OrtTensor>>): Record<string, ArrayValue> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, t]) => [name, { shape: t.dims, values: (t.data as Float32Array).slice() }]),
  )
}

/** Means over the parts, in their order. */
function averaged(parts: readonly Readonly<Record<string, ArrayValue>>[]): Record<string, ArrayValue> {
  const names = Object.keys(parts[0] ?? {})
  return Object.fromEntries(
    names.map(name => {
      const { shape, values } = parts[0][name]
      const means = Float32Array.from(
        values,
        (_, i) => parts.reduce((sum, part) => sum + part[name].values[i], 0) / parts.length,
      )
      return [name, { shape, values: means }]
    }),
  )
}
