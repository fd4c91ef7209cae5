import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import { chunksFor } from '../index.js'
import { wrap } from '../trace/backend.js'
import { scan } from '../trace/scan.js'
import { product } from './product.js'

/** Scores that are alive at once: 2 MB, which stays in a processor's cache. */
const scoresPerChunk = 2 ** 19

/** All `[heads of all clouds, points, channels]`. */
export interface HeadInputs {
  /** with a column of ones where there is a mask */
  readonly q: Tensor
  /** with a column that the ones meet, far below 0 at hidden keys */
  readonly k: Tensor
  readonly v: Tensor
}

export interface HeadGradients {
  readonly q: Tensor
  readonly k: Tensor
  readonly v: Tensor
}

/**
 * softmax(alpha Q K^T) V one head after the other, and of a head so many queries at a time that their scores stay in
 * cache. (Blocks of queries as in Dao et al. 2022, arXiv 2205.14135; whole rows of scores, so no running maximum is
 * needed.)
 */
export function forwardHeads({ q, k, v }: HeadInputs, alpha: number): Tensor {
  const { stacked } = scan([], inGroups([q, k, v]), [], (_, head) => {
    const [qOne, kOne, vOne] = head.map(wrap)
    const answers = overQueries([qOne], [kOne, vOne], [], ([block], [keys, values]) => ({
      states: [],
      stacked: [product(sharesOf(block, keys, alpha), values)],
    }))
    return { states: [], stacked: answers.stacked }
  })
  return wrap(stacked[0]).reshape(v.shape)
}

/**
 * Gradients, with the shares made again: dS = P * ([dO, D] [V, -1]^T) with D = rowSum(dO * O), one product with a
 * column more.
 *
 * @param dOut   gradient of the answers
 * @param along  D, `[heads, points, 1]`
 */
export function backwardHeads({ q, k, v }: HeadInputs, alpha: number, dOut: Tensor, along: Tensor): HeadGradients {
  const dOutWithSums = tf.concat([dOut, along], 2)
  const vWithColumn = tf.concat([v, tf.fill([...v.shape.slice(0, 2), 1], -1)], 2)
  const { stacked } = scan([], inGroups([q, k, vWithColumn, dOut, dOutWithSums]), [], (_, head) => {
    const [qOne, kOne, vOne, dOne, dSums] = head.map(wrap)
    const zero = [tf.zeros(kOne.shape), tf.zeros([...kOne.shape.slice(0, 2), dOne.shape[2]!])]
    const found = overQueries([qOne, dOne, dSums], [kOne, vOne], zero, ([q, d, sums], [keys, values]) => {
      const shares = sharesOf(q, keys, alpha)
      const dScores = shares.mul(product(sums, values, { transB: true }))
      const states = [product(dScores, q, { transA: true, alpha }), product(shares, d, { transA: true })]
      return { states, stacked: [product(dScores, keys, { alpha })] }
    })
    return { states: [], stacked: [...found.stacked, ...found.states] }
  })
  const [dq, dk, dv] = stacked.map(wrap)
  return { q: dq.reshape(q.shape), k: dk.reshape(k.shape), v: dv.reshape(v.shape) }
}

/**
 * So many heads together as their scores stay in cache: `[heads, points, …]` to `[groups, heads of one, points, …]`.
 */
function inGroups(tensors: readonly Tensor[]): Tensor[] {
  const [heads, points] = tensors[0].shape
  const groups = chunksFor(heads, Math.ceil((heads * points * points) / scoresPerChunk))
  return tensors.map(x => x.reshape([groups, heads / groups, points, x.shape[2]!]))
}

function sharesOf(q: Tensor, k: Tensor, alpha: number): Tensor {
  return product(q, k, { transB: true, alpha }).softmax()
}

interface Found {
  readonly states: Tensor[]
  readonly stacked: Tensor[]
}

/** Runs over blocks of the queries of a group, summing the states in order; one block where all fit. */
function overQueries(
  mapped: readonly Tensor[],
  shared: readonly Tensor[],
  zero: readonly Tensor[],
  run: (mapped: readonly Tensor[], shared: readonly Tensor[]) => Found,
): Found {
  const [heads, queries] = mapped[0].shape
  const keys = shared[0].shape[1]!
  // Only one head alone is cut, so that moving its blocks to the front is a reshape.
  const blocks = heads > 1 ? 1 : chunksFor(queries, Math.ceil((queries * keys) / scoresPerChunk))
  if (blocks === 1) return run(mapped, shared)
  const inBlocks = mapped.map(x => x.reshape([blocks, 1, queries / blocks, x.shape[2]!]))
  const { states, stacked } = scan(zero, inBlocks, shared, (sums, slices) => {
    const found = run(slices.map(wrap), shared)
    return { states: sums.map((sum, i) => wrap(sum).add(found.states[i])), stacked: found.stacked }
  })
  return { states: states.map(wrap), stacked: stacked.map(x => wrap(x).reshape([1, queries, x.shape[3]!])) }
}
