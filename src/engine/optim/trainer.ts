import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import { type ArrayValue, type Tree, WorkError } from '../../core/index.js'
import { type Compiled, compile, type OrtTensor, toOrt } from '../compile.js'
import { type AdamWOptions, adamW, adamWCorrections, clipByGlobalNorm } from './adamW.js'
import { flattenValues, layoutOf, unflatten, unflattenValues } from './flat.js'
import { type WarmupCosine, warmupCosine } from './schedule.js'

/** A batch: named arrays. Each set of shapes is compiled once. */
export type Batch = Readonly<Record<string, ArrayValue>>

/** The loss and whatever else is to be measured; all tensors. */
export type LossProgram = (params: Tree<Tensor>, batch: never) => { readonly loss: Tensor }

export interface TrainerOptions {
  readonly optimiser?: AdamWOptions
  readonly schedule: WarmupCosine
  /** largest norm of the gradient */
  readonly clip?: number
  /** share of the moving average kept at each step; default .999 */
  readonly ema?: number
  readonly threads?: number
  readonly device?: 'cpu' | 'webgpu' | 'cuda'
}

/** All that a run needs to go on to the same bytes. Flat vectors, see `FlatLayout`. */
export interface TrainState {
  readonly step: number
  readonly params: Float32Array
  readonly m: Float32Array
  readonly v: Float32Array
  readonly ema: Float32Array
}

export interface Trainer {
  /** One step of AdamW: gradient, clipping, update, moving average, in one compiled graph. Returns what the loss program measured. */
  step(batch: Batch): Promise<Readonly<Record<string, ArrayValue>>>
  /** What the loss program measures with the averaged parameters, without a step. */
  measure(batch: Batch): Promise<Readonly<Record<string, ArrayValue>>>
  /** A copy of the state. */
  state(): TrainState
  /** Parameters, or their moving average, as a tree. */
  params(which: 'latest' | 'ema'): Tree<ArrayValue>
  close(): Promise<void>
}

const vectors = ['params', 'm', 'v', 'ema'] as const
type Vectors = Record<(typeof vectors)[number], OrtTensor>

/**
 * Compiles forward, gradient and optimiser into one graph; parameters and moments stay onnxruntime's from step to step. The same bytes on the
 * same kind of CPU with the same number of threads.
 *
 * @param init  parameters to begin with, and the form of the tree
 * @param from  state to go on from
 */
export function makeTrainer(loss: LossProgram, init: Tree<ArrayValue>, options: TrainerOptions, from?: TrainState): Trainer {
  const layout = layoutOf(init)
  const first = from ?? initialState(flattenValues(init, layout))
  if (first.params.length !== layout.size) {
    throw new WorkError(
      `expected a state of ${layout.size} parameters`,
      `got ${first.params.length}`,
      'resume with the same network',
    )
  }
  let state = Object.fromEntries(vectors.map(name => [name, vector(first[name].slice())])) as Vectors
  let done = first.step
  const { optimiser, ema = 0.999, clip } = options
  const compiled = new Map<string, Promise<Compiled>>()

  const update = (held: Record<keyof Vectors, Tensor>, scalars: Record<string, Tensor>, batch: Record<string, Tensor>) => {
    let measured: Record<string, Tensor> = {}
    const { value, grads } = tf.valueAndGrads((flat: Tensor) => {
      const { loss: scalar, ...rest } = loss(unflatten(flat, layout), batch as never)
      for (const tensor of Object.values(rest)) tf.keep(tensor as Tensor)
      measured = rest as Record<string, Tensor>
      return scalar as tf.Scalar
    })([held.params])
    const clipped =
      clip === undefined ? { gradient: grads[0], norm: grads[0].square().sum().sqrt() } : clipByGlobalNorm(grads[0], clip)
    const { rate, correction1, correction2 } = scalars
    const next = adamW(held, clipped.gradient, { rate, correction1, correction2 }, optimiser)
    const average = held.ema.mul(ema).add(next.params.mul(1 - ema))
    return { state: { ...next, ema: average }, measured: { ...measured, loss: value, gradient_norm: clipped.norm } }
  }
  const evaluate = (flat: Tensor, batch: Record<string, Tensor>) => ({ ...loss(unflatten(flat, layout), batch as never) })

  const compiledFor = (kind: 'step' | 'measure', batch: Batch): Promise<Compiled> => {
    const specs = specsOf(batch)
    const name = `${kind} ${JSON.stringify(specs)}`
    const known = compiled.get(name)
    if (known) return known
    const flat = { shape: [layout.size] }
    const scalar = { shape: [] }
    const made =
      kind === 'step'
        ? compile(
            update,
            [
              Object.fromEntries(vectors.map(v => [v, flat])),
              { rate: scalar, correction1: scalar, correction2: scalar },
              specs,
            ],
            { threads: options.threads, device: options.device, name: 'training step' },
          )
        : compile(evaluate, [flat, specs], { threads: options.threads, device: options.device, name: 'validation' })
    compiled.set(name, made)
    return made
  }

  return {
    async step(batch) {
      const program = await compiledFor('step', batch)
      const [correction1, correction2] = adamWCorrections(done, optimiser)
      const scalars = { rate: warmupCosine(options.schedule, done), correction1, correction2 }
      const result = (await program.run(
        state,
        Object.fromEntries(Object.entries(scalars).map(([name, x]) => [name, { shape: [], values: Float32Array.of(x) }])),
        batch,
      )) as { state: Vectors; measured: Record<string, OrtTensor> }
      state = result.state
      done++
      return arrays(result.measured)
    },
    async measure(batch) {
      const program = await compiledFor('measure', batch)
      return arrays((await program.run(state.ema, batch)) as Record<string, OrtTensor>)
    },
    state: () => ({
      step: done,
      ...(Object.fromEntries(vectors.map(name => [name, copyOf(state[name])])) as Record<keyof Vectors, Float32Array>),
    }),
    params: which => unflattenValues(copyOf(which === 'ema' ? state.ema : state.params), layout),
    async close() {
      for (const program of compiled.values()) await (await program).release()
    },
  }
}

function initialState(params: Float32Array): TrainState {
  const zeros = () => new Float32Array(params.length)
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

function specsOf(batch: Batch) {
  const dtypes = { Float32Array: 'float32', Int32Array: 'int32', Uint8Array: 'bool' } as const
  return Object.fromEntries(
    Object.entries(batch).map(([name, { shape, values }]) => {
      const dtype = dtypes[values.constructor.name as keyof typeof dtypes]
      return [name, { shape: [...shape], dtype }]
    }),
  )
}
