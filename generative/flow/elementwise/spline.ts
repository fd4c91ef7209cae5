import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import { withGradient } from '../../../engine/fused/withGradient.js'
import { isTracing } from '../../../engine/index.js'
import { asTensor, type Fixed, fixed } from '../fixed.js'
import type { Elementwise } from './elementwise.js'

export interface SplineOptions {
  /** pieces between -bound and bound */
  readonly bins: number
  /** outside of [-bound, bound] the map is the identity; default 5 */
  readonly bound?: number
  /** least share of a bin in the width (and in the height) of the interval; default 1e-3 */
  readonly least?: number
}

/** Slopes at the knots lie between e^-6.9 and e^6.9, a thousandth and a thousand. */
const steepest = Math.log(1000)

/**
 * Monotonic rational-quadratic spline with linear tails (Durkan et al. 2019, arXiv 1906.04032, equations 4 to 8). The 3
 * bins - 1 numbers are logits of the widths, logits of the heights, and log-slopes at the inner knots (bounded by a
 * tanh; the paper takes a softplus, which does not begin at 1). Clipped to the interval, the spline meets its tails in
 * value and slope, so y = spline(clip x) + x - clip x needs no choice between the two.
 */
export function spline({ bins, bound = 5, least = 1e-3 }: SplineOptions): Elementwise {
  const tables = tablesOf(bins, bound, least)
  return {
    name: `rational-quadratic spline of ${bins} bins`,
    numbers: 3 * bins - 1,
    forward(x, shape) {
      const inside = x.clipByValue(-bound, bound)
      const p = pieceAt(inside, shape, 0, tables)
      const along = inside.sub(p.x).div(p.width)
      const rest = tf.sub(1, along)
      const { below, logSlope } = between(p, along, rest)
      const up = p.height.mul(p.slope.mul(along).add(p.left.mul(rest))).mul(along)
      return { y: p.y.add(up.div(below)).add(x.sub(inside)), logSlope }
    },
    inverse(y, shape) {
      const inside = y.clipByValue(-bound, bound)
      const p = pieceAt(inside, shape, 2, tables)
      const up = inside.sub(p.y).div(p.height)
      const { along, rest } = solved(p, up)
      const x = p.x.add(along.mul(p.width)).add(y.sub(inside))
      return { x, logSlope: between(p, along, rest).logSlope.neg() }
    },
  }
}

/** The bin of each number: its lower corner, size, and slopes at its ends; all `[batch, n]`. */
interface Piece {
  readonly x: Tensor
  readonly width: Tensor
  readonly y: Tensor
  readonly height: Tensor
  /** height / width */
  readonly slope: Tensor
  readonly left: Tensor
  readonly right: Tensor
}

/** Equation 5 at shares `along` and `rest` = 1 - along of the bin, in sums of positive terms alone. */
function between(p: Piece, along: Tensor, rest: Tensor): { below: Tensor; logSlope: Tensor } {
  const arc = along.mul(rest)
  const below = p.slope.mul(tf.sub(1, arc.mul(2))).add(p.left.add(p.right).mul(arc))
  const rise = p.right.mul(along.square()).add(p.slope.mul(arc).mul(2)).add(p.left.mul(rest.square()))
  return { below, logSlope: rise.log().add(p.slope.div(below).log().mul(2)) }
}

/**
 * The share of the bin at which the share `up` of its height is reached. With m = left (1 - up) - right up the
 * discriminant of equations 6 to 8 is m^2 + 4 slope^2 up (1 - up), a sum of positive terms, and so is what divides:
 * nothing cancels in float32.
 */
function solved(p: Piece, up: Tensor): { along: Tensor; rest: Tensor } {
  const down = tf.sub(1, up)
  const m = p.left.mul(down).sub(p.right.mul(up))
  const product = p.slope.square().mul(up).mul(down).mul(4).relu()
  const large = m.square().add(product).sqrt().add(m.abs())
  const plus = tf.where(m.greaterEqual(0), large, product.div(large))
  const twice = p.slope.mul(up).mul(2)
  const sum = plus.add(twice)
  return { along: twice.div(sum), rest: plus.div(sum) }
}

/** Linear maps with which softmaxes become corners and sizes, and comparisons a choice of one bin. */
interface Tables {
  readonly bins: number
  /** `[bins, 2 bins]`: sizes to lower corners and sizes */
  readonly corners: Fixed
  readonly cornersAt: Fixed
  /** `[bins - 1, 2 bins]`: inner log-slopes to those at the lower and the upper ends, 0 outside */
  readonly ends: Fixed
  /** `[bins - 1, bins]`: "not below inner knot k" to the bin */
  readonly choice: Fixed
  readonly choiceAt: Fixed
}

function tablesOf(bins: number, bound: number, least: number): Tables {
  const scale = 2 * bound * (1 - bins * least)
  const smallest = 2 * bound * least
  return {
    bins,
    corners: fixed([bins, 2 * bins], (j, k) => (k < bins ? (j < k ? scale : 0) : j === k - bins ? scale : 0)),
    cornersAt: fixed([2 * bins], k => (k < bins ? k * smallest - bound : smallest)),
    ends: fixed([bins - 1, 2 * bins], (j, k) => (j === (k < bins ? k - 1 : k - bins) ? 1 : 0)),
    choice: fixed([bins - 1, bins], (j, k) => (k === j + 1 ? 1 : k === j ? -1 : 0)),
    choiceAt: fixed([bins], k => (k === 0 ? 1 : 0)),
  }
}

/** @param axis 0 looks a number up among the x of the knots, 2 among their y */
function pieceAt(at: Tensor, shape: Tensor, axis: 0 | 2, { bins, ...tables }: Tables): Piece {
  const [batch, n] = at.shape
  const rows = batch * n
  const [sizes, inner] = tf.split(shape, [2 * bins, bins - 1], 2)
  const shares = tf.softmax(sizes.reshape([rows * 2, bins]))
  const corners = shares.matMul(asTensor(tables.corners)).add(asTensor(tables.cornersAt)).reshape([rows, 4, bins])
  const slopes = inner
    .reshape([rows, bins - 1])
    .matMul(asTensor(tables.ends))
    .reshape([rows, 2, bins])
  const knots = corners.slice([0, axis, 1], [rows, 1, bins - 1]).reshape([rows, bins - 1])
  const isPast = at.reshape([rows, 1]).greaterEqual(knots).cast('float32')
  const bin = isPast.matMul(asTensor(tables.choice)).add(asTensor(tables.choiceAt)).reshape([rows, 1, bins])
  const [x, width, y, height, left, right] = tf.unstack(pick(tf.concat([corners, slopes], 1), bin), 1)
  const bounded = (raw: Tensor): Tensor => raw.div(steepest).tanh().mul(steepest).exp()
  const shaped = (v: Tensor): Tensor => v.reshape([batch, n])
  return {
    x: shaped(x),
    width: shaped(width),
    y: shaped(y),
    height: shaped(height),
    slope: shaped(height.div(width)),
    left: bounded(shaped(left)),
    right: bounded(shaped(right)),
  }
}

/**
 * The entries of one bin: table `[rows, 6, bins]`, bin `[rows, 1, bins]` one-hot. Traced, nothing flows back to the
 * choice.
 */
function pick(table: Tensor, bin: Tensor): Tensor {
  if (!isTracing()) return table.mul(bin).sum(2)
  return withGradient([table], table => ({
    value: table.mul(bin).sum(2),
    gradient: dy => [dy.expandDims(2).mul(bin)],
  }))
}
