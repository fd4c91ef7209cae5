import * as tf from '@tensorflow/tfjs'
import { makeKey, normal, permutation } from '../../../core/index.js'
import {
  attention,
  type EdgeGraph,
  edgeMessages,
  gatherSenders,
  gelu,
  linear,
  normalise,
  normLinear,
  normMlp,
  silu,
} from '../../../engine/fused/index.js'
import { feedsOf } from '../../../gnn/layers/index.js'

/** A fused operation at some shapes. The law: compiled equals eager, forward and the gradient of every input. */
export interface Case {
  /** shapes of the inputs that have a gradient, see `numbers` */
  readonly inputs: readonly (readonly number[])[]
  /** what else it takes: indices and masks */
  readonly fixed?: () => Record<string, tf.Tensor>
  readonly run: (inputs: readonly tf.Tensor[], fixed: Record<string, tf.Tensor>) => tf.Tensor
}

const batch = 2
const points = 6
const k = 3
const width = 5

/** Senders of every receiver, none itself, and one point that feeds many. */
function graph(): { senders: tf.Tensor; feeds: tf.Tensor } {
  const key = makeKey(9)
  const clouds = Array.from({ length: batch }, (_, b) =>
    Array.from({ length: points }, (_, i) =>
      [...permutation(key.split(b).split(i), points)].filter(j => j !== i).slice(0, k - 1),
    ).flatMap((row, i) => [i === 0 ? 1 : 0, ...row].slice(0, k)),
  )
  const found = clouds.map(c => feedsOf(Int32Array.from(c), points))
  const most = Math.max(...found.map(f => f.width))
  const tables = clouds.map(c => [...feedsOf(Int32Array.from(c), points, most).edges])
  return {
    senders: tf.tensor3d(clouds.flat(), [batch, points, k], 'int32'),
    feeds: tf.tensor3d(tables.flat(), [batch, points, most], 'int32'),
  }
}

const real = () =>
  tf.tensor(
    Array.from({ length: batch * points * k }, (_, i) => (i < k || i % 4 === 1 ? 0 : 1)),
    [batch, points, k],
  )

const mask = () =>
  tf.tensor2d([
    [1, 1, 1, 1, 0, 0],
    [1, 0, 1, 1, 1, 1],
  ])

const edges = [
  [batch, points, width],
  [batch, points, width],
  [batch, points, k, 2],
  [2, width],
  [width, width],
  [width],
]

function edgeCase(options: { attention?: true; real?: true; feeds?: true; chunks: number }): Case {
  return {
    inputs: options.attention ? [...edges, [width, 1]] : edges,
    fixed: () => {
      const { senders, feeds } = graph()
      return { senders, ...(options.feeds ? { feeds } : {}), ...(options.real ? { real: real() } : {}) }
    },
    run: ([senders, receivers, features, edge, w, b, attention], fixed) =>
      edgeMessages(
        { senders, receivers, features },
        fixed as unknown as EdgeGraph,
        { edge, w, b, attention },
        options.chunks,
      ),
  }
}

const x = [batch, points, 4]
const norm = [[4], [4], [4, width], [width]]
const perCloud = [[batch, 1, 4], [batch, 1, 4], [4, width], [width]]
const second = [[width, 3], [3]]

/** Every fused operation; a new one is a line here and cannot escape the law. */
export const fused: Readonly<Record<string, Case>> = {
  linear: { inputs: [x, [4, width]], run: ([x, w]) => linear(x, w) },
  'linear with bias': { inputs: [x, [4, width], [width]], run: ([x, w, b]) => linear(x, w, b) },
  silu: { inputs: [x], run: ([x]) => silu(x) },
  gelu: { inputs: [x], run: ([x]) => gelu(x) },
  normalise: { inputs: [x], run: ([x]) => normalise(x) },
  normLinear: { inputs: [x, ...norm], run: ([x, gain, shift, w, b]) => normLinear(x, { gain, shift, w, b }) },
  'normLinear, a gain a cloud': {
    inputs: [x, ...perCloud],
    run: ([x, gain, shift, w, b]) => normLinear(x, { gain, shift, w, b }),
  },
  normMlp: {
    inputs: [x, ...norm, ...second],
    run: ([x, gain, shift, w, b, w2, b2]) => normMlp(x, { gain, shift, w, b, w2, b2 }),
  },
  'normMlp, a gain a cloud': {
    inputs: [x, ...perCloud, ...second],
    run: ([x, gain, shift, w, b, w2, b2]) => normMlp(x, { gain, shift, w, b, w2, b2 }),
  },
  attention: { inputs: [[batch, points, 24]], run: ([qkv]) => attention(qkv, 2) },
  'attention, masked': {
    inputs: [[batch, points, 24]],
    fixed: () => ({ mask: mask() }),
    run: ([qkv], { mask }) => attention(qkv, 2, mask),
  },
  'attention, groups of heads': { inputs: [[1, 600, 12]], run: ([qkv]) => attention(qkv, 2) },
  'attention, blocks of queries, masked': {
    inputs: [[1, 730, 6]],
    fixed: () => ({ mask: tf.tensor2d([Array.from({ length: 730 }, (_, i) => (i % 3 ? 1 : 0))]) }),
    run: ([qkv], { mask }) => attention(qkv, 1, mask),
  },
  gatherSenders: {
    inputs: [[batch, points, width]],
    fixed: graph,
    run: ([x], { senders }) => gatherSenders(x, senders),
  },
  'gatherSenders, exact': {
    inputs: [[batch, points, width]],
    fixed: graph,
    run: ([x], { senders, feeds }) => gatherSenders(x, senders, feeds),
  },
  'edgeMessages, mean': edgeCase({ chunks: 1 }),
  'edgeMessages, mean, chunks': edgeCase({ feeds: true, chunks: 4 }),
  'edgeMessages, mean, padding': edgeCase({ feeds: true, real: true, chunks: 3 }),
  'edgeMessages, attention': edgeCase({ attention: true, chunks: 1 }),
  'edgeMessages, attention, chunks': edgeCase({ attention: true, feeds: true, chunks: 6 }),
  'edgeMessages, attention, padding': edgeCase({ attention: true, feeds: true, real: true, chunks: 2 }),
}

/**
 * Normal numbers of deviation 1/2: larger ones make messages so large that differences of them lose digits on either
 * side.
 */
export const numbers = (shape: readonly number[], name: string): tf.Tensor =>
  tf.tensor(normal(makeKey(21).split(name), shape), [...shape]).mul(0.5)
