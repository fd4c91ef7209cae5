import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import { adamW } from '../../../engine/index.js'
import { crossEntropy, type Layers } from './perceptrons.js'

/** Sizes of the layers of networks side by side. */
export interface Perceptrons {
  readonly networks: number
  readonly width: number
  readonly hidden: number
}

/** All `[networks, parameters]`: a row a network, so that a network is left out by leaving out its row. */
export type AdamState<T> = Readonly<Record<'params' | 'm' | 'v', T>>

export interface WeightedRows<T> {
  /** `[networks, batch, width]` */
  readonly x: T
  /** `[networks, batch]` labels, 0 or 1 */
  readonly y: T
  /** `[networks, batch]` what each row counts: 1 / (rows of the batch), or 0 */
  readonly weight: T
  /** `[networks, 1]` of half the squared weights, per network */
  readonly shrinkage: T
}

const order = ['w1', 'b1', 'w2', 'b2', 'w3', 'b3'] as const

/** Numbers of one network. */
export function parameterCount({ width, hidden }: Perceptrons): number {
  return width * hidden + hidden * hidden + 3 * hidden + 1
}

/** The layers of `[networks, parameters]`. */
export function layersIn(params: Tensor, { networks, width, hidden }: Perceptrons): Layers<tf.Tensor3D> {
  const shapes = {
    w1: [width, hidden],
    b1: [1, hidden],
    w2: [hidden, hidden],
    b2: [1, hidden],
    w3: [hidden, 1],
    b3: [1, 1],
  }
  let from = 0
  const entries = order.map(name => {
    const [rows, columns] = shapes[name]
    const part = tf.slice(params, [0, from], [networks, rows * columns])
    from += rows * columns
    return [name, part.reshape([networks, rows, columns])]
  })
  return Object.fromEntries(entries) as Layers<tf.Tensor3D>
}

/**
 * One step of Adam (Kingma and Ba 2015, arXiv 1412.6980) for every network, and the loss of each before it,
 * `[networks]`. The gradient is written out, for a third less time than by autodiff.
 *
 * Numbers too small to matter become zero: a unit that no row wakes leaves moments and weights that shrink step by step
 * into the subnormal range, where each operation takes a hundred times as long; after some hundred epochs that was
 * three quarters of the time.
 */
export function adamStep(
  sizes: Perceptrons,
  state: AdamState<Tensor>,
  rows: WeightedRows<Tensor>,
  scalars: { readonly rate: Tensor; readonly correction1: Tensor; readonly correction2: Tensor },
): { readonly state: AdamState<Tensor>; readonly losses: Tensor } {
  const { gradient, losses } = gradientOf(sizes, state.params, rows)
  const next = adamW(state, flushed(gradient, 1e-16), scalars)
  return {
    state: { params: flushed(next.params, 1e-30), m: flushed(next.m, 1e-30), v: flushed(next.v, 1e-34) },
    losses,
  }
}

/** The gradient of each network's loss, `[networks, parameters]`, and the losses, `[networks]`. */
export function gradientOf(
  sizes: Perceptrons,
  params: Tensor,
  { x, y, weight, shrinkage }: WeightedRows<Tensor>,
): { readonly gradient: Tensor; readonly losses: Tensor } {
  const { networks } = sizes
  const batch = x.shape[1] as number
  const { w1, b1, w2, b2, w3, b3 } = layersIn(params, sizes)
  const input = x as tf.Tensor3D
  const first = tf.relu(tf.matMul(input, w1).add(b1)) as tf.Tensor3D
  const second = tf.relu(tf.matMul(first, w2).add(b2)) as tf.Tensor3D
  const logOdds = tf.matMul(second, w3).add(b3)
  const column = [networks, batch, 1]
  const [labels, counts] = [y.reshape(column), weight.reshape(column)]
  const atOdds = tf.sigmoid(logOdds).sub(labels).mul(counts) as tf.Tensor3D
  const ones = tf.ones([networks, 1, batch]) as tf.Tensor3D
  const atSecond = atOdds.mul(w3.reshape([networks, 1, sizes.hidden])).mul(awake(second)) as tf.Tensor3D
  const atFirst = tf.matMul(atSecond, w2, false, true).mul(awake(first)) as tf.Tensor3D
  const decay = shrinkage.reshape([networks, 1, 1])
  const parts = [
    tf.matMul(input, atFirst, true).add(w1.mul(decay)),
    tf.matMul(ones, atFirst),
    tf.matMul(first, atSecond, true).add(w2.mul(decay)),
    tf.matMul(ones, atSecond),
    tf.matMul(second, atOdds, true).add(w3.mul(decay)),
    tf.matMul(ones, atOdds),
  ]
  const squares = [w1, w2, w3].map(w => w.square().sum([1, 2])).reduce((sum, one) => sum.add(one))
  return {
    gradient: tf.concat(
      parts.map(part => part.reshape([networks, -1])),
      1,
    ),
    losses: crossEntropy(logOdds, labels)
      .mul(counts)
      .sum([1, 2])
      .add(squares.mul(shrinkage.reshape([networks])).mul(0.5)),
  }
}

/** 1 where a unit lets its input through; onnxruntime's Sign takes five times as long. */
function awake(unit: Tensor): Tensor {
  return tf.cast(tf.greater(unit, 0), 'float32')
}

function flushed(values: Tensor, least: number): Tensor {
  return values.mul(tf.cast(tf.greater(tf.abs(values), least), 'float32'))
}
