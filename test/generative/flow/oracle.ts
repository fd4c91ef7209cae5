import type { ArrayValue, Tree } from '../../../core/index.js'

/**
 * Bijections once more, in double precision and one row at a time, written from the papers' equations with plain loops:
 * no tensors, no batches, no masks as matrices.
 */
export type Oracle = (
  params: Tree<ArrayValue>,
  x: readonly number[],
  condition: readonly number[],
) => { readonly y: number[]; readonly logDet: number }

type ScalarMap = (x: number, shape: readonly number[]) => { y: number; logSlope: number }

type Layer = { readonly w?: ArrayValue; readonly b: ArrayValue }
type Network = { readonly layers: readonly Layer[]; readonly condition?: readonly ArrayValue[] }

const soft = (x: number, bound: number): number => bound * Math.tanh(x / bound)
const silu = (x: number): number => x / (1 + Math.exp(-x))
const sum = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0)

export const affineOracle: ScalarMap = (x, [shift, raw]) => ({
  y: Math.exp(soft(raw, 5)) * x + shift,
  logSlope: soft(raw, 5),
})

/** Durkan et al. 2019, equations 4 and 5, bin by bin. */
export const splineOracle =
  (bins: number, bound: number, least = 1e-3): ScalarMap =>
  (x, shape) => {
    if (x <= -bound || x >= bound) return { y: x, logSlope: 0 }
    const sizes = (logits: readonly number[]): number[] => {
      const total = sum(logits.map(Math.exp))
      return logits.map(logit => 2 * bound * (least + ((1 - bins * least) * Math.exp(logit)) / total))
    }
    const widths = sizes(shape.slice(0, bins))
    const heights = sizes(shape.slice(bins, 2 * bins))
    const slopes = [1, ...shape.slice(2 * bins).map(raw => Math.exp(soft(raw, Math.log(1000)))), 1]
    let [left, low, k] = [-bound, -bound, 0]
    while (x >= left + widths[k] && k < bins - 1) {
      left += widths[k]
      low += heights[k]
      k++
    }
    const s = heights[k] / widths[k]
    const xi = (x - left) / widths[k]
    const below = s + (slopes[k + 1] + slopes[k] - 2 * s) * xi * (1 - xi)
    const y = low + (heights[k] * (s * xi ** 2 + slopes[k] * xi * (1 - xi))) / below
    const slope = (s ** 2 * (slopes[k + 1] * xi ** 2 + 2 * s * xi * (1 - xi) + slopes[k] * (1 - xi) ** 2)) / below ** 2
    return { y, logSlope: Math.log(slope) }
  }

/** A hidden layer: `sees(j, k)` says whether unit k may read input j. */
function hiddenLayer(
  input: readonly number[],
  condition: readonly number[],
  { w, b }: Layer,
  enter: ArrayValue | undefined,
  sees: (j: number, k: number) => boolean,
): number[] {
  const width = b.values.length
  return Array.from({ length: width }, (_, k) => {
    const own = sum(input.map((v, j) => (sees(j, k) ? v * w!.values[j * width + k] : 0)))
    const given = enter ? sum(condition.map((v, j) => v * enter.values[j * width + k])) : 0
    return silu(own + given + b.values[k])
  })
}

function outputs(
  h: readonly number[],
  { w, b }: Layer,
  columns: readonly number[],
  sees: (j: number) => boolean,
): number[] {
  const width = b.values.length
  return columns.map(k => b.values[k] + sum(h.map((v, j) => (sees(j) ? v * w!.values[j * width + k] : 0))))
}

const from = (start: number, count: number): number[] => Array.from({ length: count }, (_, i) => start + i)

/** Degrees as `masks.ts` deals them out: one hidden unit after the other. */
export const autoregressiveOracle =
  (scalar: ScalarMap, numbers: number, order: readonly number[], conditions: number): Oracle =>
  (params, x, condition) => {
    const { layers, condition: enters } = params as unknown as Network
    const dim = x.length
    const lowest = conditions > 0 || dim === 1 ? 0 : 1
    const degree = (k: number): number => lowest + (k % Math.max(1, dim - lowest))
    const place = (axis: number): number => order.indexOf(axis)
    let h = [...x]
    for (let i = 0; i < layers.length - 1; i++) {
      const sees = (j: number, k: number): boolean => (i === 0 ? place(j) < degree(k) : degree(j) <= degree(k))
      h = hiddenLayer(h, condition, layers[i], enters?.[i], sees)
    }
    const maps = x.map((value, axis) => {
      const shape = outputs(h, layers[layers.length - 1], from(axis * numbers, numbers), j => degree(j) <= place(axis))
      return scalar(value, shape)
    })
    return { y: maps.map(m => m.y), logDet: sum(maps.map(m => m.logSlope)) }
  }

export const couplingOracle =
  (scalar: ScalarMap, numbers: number, kept: number): Oracle =>
  (params, x, condition) => {
    const { layers, condition: enters } = params as unknown as Network
    let h = x.slice(0, kept)
    for (let i = 0; i < layers.length - 1; i++) h = hiddenLayer(h, condition, layers[i], enters?.[i], () => true)
    const maps = x.slice(kept).map((value, i) =>
      scalar(
        value,
        outputs(h, layers[layers.length - 1], from(i * numbers, numbers), () => true),
      ),
    )
    return { y: [...x.slice(0, kept), ...maps.map(m => m.y)], logDet: sum(maps.map(m => m.logSlope)) }
  }

export const linearOracle: Oracle = (params, x) => {
  const { lower, upper, logDiagonal } = params as { lower: ArrayValue; upper: ArrayValue; logDiagonal: ArrayValue }
  const dim = x.length
  const axes = from(0, dim)
  const diagonal = axes.map(i => soft(logDiagonal.values[i], 5))
  const half = axes.map(j => x[j] + sum(axes.filter(i => i > j).map(i => x[i] * lower.values[i * dim + j])))
  const y = axes.map(
    j => half[j] * Math.exp(diagonal[j]) + sum(axes.filter(i => i < j).map(i => half[i] * upper.values[i * dim + j])),
  )
  return { y, logDet: sum(diagonal) }
}

/** The normal distribution function by Simpson's rule from 0, in steps so small that only rounding is left. */
export function normalShareOracle(x: number): number {
  const steps = 400
  const density = (t: number): number => Math.exp(-0.5 * t * t) / Math.sqrt(2 * Math.PI)
  const h = x / steps
  const inner = from(1, steps - 1).map(i => (i % 2 === 1 ? 4 : 2) * density(i * h))
  return 0.5 + (h / 3) * (density(0) + sum(inner) + density(x))
}

export const boxOracle =
  (low: readonly number[], high: readonly number[]): Oracle =>
  (_, x) => ({
    y: x.map((v, i) => low[i] + (high[i] - low[i]) * normalShareOracle(v)),
    logDet: sum(x.map((v, i) => Math.log(high[i] - low[i]) - 0.5 * v * v - 0.5 * Math.log(2 * Math.PI))),
  })

export const chainOracle =
  (oracles: readonly Oracle[]): Oracle =>
  (params, x, condition) => {
    let y = [...x]
    let logDet = 0
    for (const [i, oracle] of oracles.entries()) {
      const step = oracle((params as readonly Tree<ArrayValue>[])[i], y, condition)
      y = step.y
      logDet += step.logDet
    }
    return { y, logDet }
  }
