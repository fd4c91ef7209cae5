import * as tf from '@tensorflow/tfjs'
import type { Tree } from '../core/index.js'
import { TraceMisuse } from './errors.js'
import { add } from './kernels/elementwise.js'
import { filled } from './kernels/fill.js'
import { reshape } from './kernels/layout.js'
import { lower } from './kernels/lower.js'
import { wrap } from './trace/backend.js'
import { type DType, tensorOf } from './trace/emit.js'
import { nestedGradients } from './trace/nested.js'
import { scan } from './trace/scan.js'
import { currentGraph, isTracing } from './trace/state.js'
import { isTensor, tensorsOf } from './trace/trace.js'
import { withLeaves } from './tree.js'

const kernel = 'StippleMapChunks'

type Tensors = readonly tf.Tensor[]

interface ChunkAttrs {
  readonly fn: (mapped: Tensors, shared: Tensors) => Tensors
  readonly mappedCount: number
  readonly chunks: number
}

/**
 * Maps a function over chunks of the first axis. Compiled it is an ONNX `Scan` whose gradient recomputes each chunk
 * instead of keeping what the forward pass made: memory of one chunk, which stays in the processor's cache. A message
 * network over 100,000 edges takes half the time that way. Eager it is a loop.
 *
 * Row i of a result may depend on row i of `mapped` alone (and on all of `shared`). Sums over edges belong outside:
 * return the messages and sum them once, since a scatter inside would move the whole array once a chunk.
 *
 * ```ts
 * const messages = mapChunks(
 *   ({ edges }, { weight }) => edges.matMul(weight).tanh(),
 *   { edges },   // [100_000, 8]
 *   { weight },  // [8, 8]
 *   { chunks: chunksFor(100_000, 40) },
 * )
 * messages.shape // [100_000, 8]
 * ```
 *
 * @param fn     one chunk, `[rows / chunks, …]`; must use nothing traced but its arguments
 * @param mapped tree of `[rows, …]`
 * @param shared tree passed whole to every chunk: weights
 * @param options.chunks how many; must divide `rows`. 25 to 50 for 100,000 edges
 */
export function mapChunks<Mapped extends Tree<tf.Tensor>, Shared extends Tree<tf.Tensor>, Out extends Tree<tf.Tensor>>(
  fn: (mapped: Mapped, shared: Shared) => Out,
  mapped: Mapped,
  shared: Shared,
  { chunks }: { readonly chunks: number },
): Out {
  const mappedLeaves = tensorsOf(mapped)
  const sharedLeaves = tensorsOf(shared)
  checkRows(mappedLeaves, chunks)
  let form: Out | undefined
  const flat = (m: Tensors, s: Tensors): Tensors => {
    form = fn(withLeaves(mapped, isTensor, m) as Mapped, withLeaves(shared, isTensor, s) as Shared)
    return tensorsOf(form)
  }
  const inputs = [...mappedLeaves, ...sharedLeaves]
  const attrs: ChunkAttrs = { fn: flat, mappedCount: mappedLeaves.length, chunks }
  const leaves = isTracing()
    ? (tf.engine().runKernel(kernel, inputs as unknown as tf.NamedTensorMap, attrs as never) as tf.Tensor[])
    : loop(flat, mappedLeaves, sharedLeaves, chunks)
  return withLeaves(form as Out, isTensor, leaves) as Out
}

/** The largest number of chunks, at most `wanted`, that divides `rows`: `chunksFor(100, 30)` is 25. */
export function chunksFor(rows: number, wanted: number): number {
  for (let chunks = Math.min(wanted, rows); chunks > 1; chunks--) if (rows % chunks === 0) return chunks
  return 1
}

function checkRows(mapped: Tensors, chunks: number): void {
  const rows = mapped[0]?.shape[0]
  if (rows !== undefined && rows % chunks === 0 && mapped.every(x => x.shape[0] === rows)) return
  throw new TraceMisuse(
    `expected mapped tensors with one number of rows, divisible by ${chunks} chunks`,
    `got rows ${mapped.map(x => x.shape[0]).join(', ')}`,
    'pad the rows, or take chunksFor(rows, wanted)',
  )
}

function loop(fn: ChunkAttrs['fn'], mapped: Tensors, shared: Tensors, chunks: number): tf.Tensor[] {
  if (chunks === 1) return [...fn(mapped, shared)] // the gradient of a split into one part fails in tfjs 4.22
  const parts = mapped.map(x => tf.split(x, chunks))
  const results = Array.from({ length: chunks }, (_, chunk) =>
    fn(
      parts.map(part => part[chunk]),
      shared,
    ),
  )
  return results[0].map((_, i) => tf.concat(results.map(result => result[i])))
}

const inChunks = (x: tf.TensorInfo, chunks: number): tf.TensorInfo =>
  reshape(x, [chunks, x.shape[0] / chunks, ...x.shape.slice(1)])
const joined = (x: tf.TensorInfo): tf.TensorInfo => reshape(x, [x.shape[0] * x.shape[1], ...x.shape.slice(2)])

/** Another tensor for the same value, so that its gradient inside a chunk is its own. */
const seenInside = (x: tf.TensorInfo): tf.Tensor =>
  wrap(tensorOf(currentGraph().nameOf(x.dataId) as string, { shape: x.shape, dtype: x.dtype as DType }))

lower<tf.TensorInfo[], ChunkAttrs>(kernel, (inputs, { fn, mappedCount, chunks }) => {
  const all = Object.values(inputs).map(namedHere)
  const shared = all.slice(mappedCount)
  const { stacked } = scan(
    [],
    all.slice(0, mappedCount).map(x => inChunks(x, chunks)),
    shared,
    (_, slices) => ({ states: [], stacked: [...fn(slices.map(wrap), shared.map(seenInside))] }),
  )
  return stacked.map(joined)
})

/** A tensor from outside the program gets its constant before a body looks for it. */
function namedHere(x: tf.TensorInfo): tf.TensorInfo {
  return currentGraph().nameOf(x.dataId) === undefined ? reshape(x, x.shape) : x
}

tf.registerGradient({
  kernelName: kernel,
  saveAllInputs: true,
  gradFunc: (dy, inputs, attrs) => {
    const dys = Array.isArray(dy) ? dy : [dy]
    let gradients: tf.Tensor[] | undefined
    const once = (): tf.Tensor[] => {
      // tfjs asks for each in a scope of its own and would dispose the others with the first
      gradients ??= chunkGradients(attrs as unknown as ChunkAttrs, inputs, dys).map(tf.keep)
      return gradients
    }
    return Object.fromEntries(inputs.map((_, i) => [i, () => once()[i]]))
  },
})

/** Gradients of mapped inputs stacked, of shared inputs summed chunk by chunk in order. */
function chunkGradients({ fn, mappedCount, chunks }: ChunkAttrs, inputs: Tensors, dys: Tensors): tf.Tensor[] {
  const mapped = inputs.slice(0, mappedCount)
  const shared = inputs.slice(mappedCount)
  const isFloat = (x: tf.TensorInfo): boolean => x.dtype === 'float32'
  const floatMapped = mapped.filter(isFloat)
  const floatShared = shared.filter(isFloat)
  const { states, stacked } = scan(
    floatShared.map(x => filled(0, x.shape, 'float32')),
    [...mapped, ...dys].map(x => inChunks(x, chunks)),
    shared,
    (sums, slices) => {
      const insideMapped = slices.slice(0, mappedCount).map(wrap)
      const insideShared = shared.map(seenInside)
      const wanted = [...insideMapped, ...insideShared].filter(isFloat)
      const found = nestedGradients(() => fn(insideMapped, insideShared), wanted, slices.slice(mappedCount).map(wrap))
      const ofShared = found.slice(floatMapped.length)
      return { states: sums.map((sum, i) => add(sum, ofShared[i])), stacked: found.slice(0, floatMapped.length) }
    },
  )
  const ofFloats = [...stacked.map(joined), ...states].map(wrap)
  let next = 0
  return inputs.map(x => (isFloat(x) ? ofFloats[next++] : tf.zeros(x.shape)))
}
