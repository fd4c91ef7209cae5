import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import { type ArrayValue, DataError, type Key, normal, type Tree, UsageError } from '../../core/index.js'
import { type FitRowsOptions, fitRows, rowProgram } from '../../engine/index.js'
import type { Flow } from './flow.js'
import { fitLinearGaussian, residualsGiven } from './linearGaussian.js'

/** Rows that a flow learns from. */
export interface FlowTable {
  /** `[rows, dim]`, flat and row-major, in whatever units */
  readonly x: ArrayLike<number>
  /** `[rows, conditions]`; absent for a flow without a condition */
  readonly condition?: ArrayLike<number>
}

/** The options of a training, of which all have defaults, and what its random numbers come from. */
export interface FitFlowOptions extends FitRowsOptions {
  readonly key: Key
}

/**
 * A density log p(x | condition) that was learned from rows. All rows are flat, row-major and in the units of the
 * table.
 */
export interface FittedFlow {
  readonly dim: number
  readonly conditions: number
  /** least mean of -log p over held-out rows, nats */
  readonly validation: number
  /**
   * `[n]` nats.
   *
   * @param x         `[n, dim]`
   * @param condition `[n, conditions]`, or `[conditions]` for all rows; absent for a flow without a condition
   */
  logProb(x: ArrayLike<number>, condition?: ArrayLike<number>): Promise<Float64Array>
  /**
   * `n` draws of p(x | condition), `[n, dim]`. The same key gives the same draws.
   *
   * @param condition `[conditions]`; empty for a flow without a condition
   */
  draw(condition: ArrayLike<number>, n: number, key: Key): Promise<Float64Array>
  /** Releases the compiled programs. */
  close(): Promise<void>
}

/**
 * Trains a flow on rows by maximum likelihood and keeps the parameters that are best on held-out rows. Inside,
 * conditions are standardised, and the flow learns the residuals of a linear Gaussian regression of x on them: so any
 * units will do, and where the condition says much, the flow sees what is left of x and not all its spread. The same
 * key gives the same flow.
 *
 *     const flow = await fitFlow(splineFlow({ dim: 2, conditions: 1 }), { x, condition }, { key: makeKey(0) })
 *     const draws = await flow.draw([0.3], 1000, makeKey(1)) // [1000, 2]
 *     const nats = await flow.logProb(draws, [0.3])          // [1000]
 *     await flow.close()
 *
 * @param flow `splineFlow`, or one of `makeFlow` without a box
 * @throws {UsageError} where the rows are not as wide as the flow
 * @throws {DataError} for fewer than two rows, and for a number that is not finite
 */
export async function fitFlow(
  flow: Flow,
  { x, condition = [] }: FlowTable,
  options: FitFlowOptions,
): Promise<FittedFlow> {
  const { dim, conditions } = flow
  const { key, threads = 1 } = options
  const count = x.length / dim
  expectRows('x', x, dim)
  expectRows('condition', condition, conditions, count)
  const scales = columnScales(condition, conditions)
  const { residuals, back, logScale } = regressed(Float64Array.from(x), dim, scales.standard(condition), conditions)
  const table = { x: residuals(x, scales.standard(condition)), condition: scales.standard(condition) }
  const given = (rows: Tensor | undefined): Tensor | undefined => (conditions > 0 ? rows : undefined)
  const { params, validation } = await fitRows<{ readonly x: Tensor; readonly condition?: Tensor }>(
    {
      loss: (tree, batch) => ({ loss: tf.neg(tf.mean(flow.logProb(tree, batch.x, given(batch.condition)))) }),
      init: flow.init(key.split('init')),
      count,
      batchOf: rows => ({
        x: rowsAt(table.x, dim, rows),
        ...(conditions > 0 && { condition: rowsAt(table.condition, conditions, rows) }),
      }),
    },
    { ...options, threads },
    key,
  )
  const common = { params, ...(conditions > 0 && { condition: conditions }), rows: [dim], threads }
  const split = (rows: readonly Tensor[]): { readonly first: Tensor; readonly given?: Tensor } =>
    conditions > 0 ? { first: rows[1], given: rows[0] } : { first: rows[0] }
  const density = rowProgram({
    ...common,
    program(p: Tree<Tensor>, { rows }) {
      const { first, given } = split(rows)
      return { logProb: flow.logProb(p, first, given) }
    },
  })
  const drawing = rowProgram({
    ...common,
    program(p: Tree<Tensor>, { rows }) {
      const { first, given } = split(rows)
      return { x: flow.draw(p, first, given).x }
    },
  })
  /** Standardised conditions of `n` rows: one for all of them, or one a row. */
  const standardConditions = (condition: ArrayLike<number>, n: number): Float64Array => {
    expectRows('condition', condition, conditions, condition.length === conditions ? undefined : n)
    return scales.standard(condition)
  }
  const conditionsOf = (standard: Float64Array) => {
    const rows = Array.from({ length: standard.length / conditions }, (_, row) =>
      Float32Array.from(standard.subarray(row * conditions, (row + 1) * conditions)),
    )
    return conditions > 0 ? { conditions: rows } : {}
  }
  return {
    dim,
    conditions,
    validation: validation + logScale,
    async logProb(x, condition = []) {
      expectRows('x', x, dim)
      const n = x.length / dim
      if (n === 0) return new Float64Array()
      const standard = standardConditions(condition, n)
      const rows = [residuals(x, standard)]
      const { logProb } = await density.run({ ...conditionsOf(standard), rows, n })
      return logProb.map(log => log - logScale)
    },
    async draw(condition, n, key) {
      const standard = standardConditions(condition, 1)
      const rows = [Float64Array.from(normal(key, [n, dim]))]
      if (n === 0) return new Float64Array()
      return back((await drawing.run({ ...conditionsOf(standard), rows, n })).x, standard)
    },
    async close() {
      await density.close()
      await drawing.close()
    },
  }
}

function rowsAt(values: Float64Array, width: number, rows: Int32Array): ArrayValue {
  const out = new Float32Array(rows.length * width)
  for (const [i, row] of rows.entries()) out.set(values.subarray(row * width, (row + 1) * width), i * width)
  return { shape: [rows.length, width], values: out }
}

function expectRows(name: string, values: ArrayLike<number>, width: number, count?: number): void {
  const isWhole = width === 0 ? values.length === 0 : values.length % width === 0
  if (!isWhole || (width > 0 && count !== undefined && values.length !== count * width)) {
    throw new UsageError(
      `expected ${name} as ${count === undefined ? '' : `${count} `}rows of ${width} numbers, as the flow is wide`,
      `got ${values.length} numbers`,
      'pass flat rows, or make the flow for rows of this width',
    )
  }
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) {
      throw new DataError(
        `expected finite numbers in ${name}`,
        `got ${values[i]} in row ${Math.floor(i / width)}`,
        'omit rows that are not complete',
      )
    }
  }
}

/** Conditions in units of their columns' standard deviations about the means; of 1 where a column does not vary. */
function columnScales(values: ArrayLike<number>, width: number) {
  const rows = width === 0 ? 0 : values.length / width
  const columns = Array.from({ length: width }, (_, column) => {
    let mean = 0
    for (let row = 0; row < rows; row++) mean += values[row * width + column] / rows
    let variance = 0
    for (let row = 0; row < rows; row++) variance += (values[row * width + column] - mean) ** 2 / rows
    const scale = Math.sqrt(variance)
    return { mean, scale: scale > 1e-6 * Math.abs(mean) + 1e-30 ? scale : 1 }
  })
  return {
    standard: (rows: ArrayLike<number>) =>
      Float64Array.from(rows, (value, i) => (value - columns[i % width].mean) / columns[i % width].scale),
  }
}

/** The regression of x on the conditions: residuals of rows given one condition for all or one a row, and back. */
function regressed(x: Float64Array, dim: number, given: Float64Array, conditions: number) {
  // Without a condition the regression is on a column of zeros, so that it is the mean and the covariance of x.
  const regression =
    conditions > 0
      ? fitLinearGaussian(given, conditions, x, dim)
      : { ...fitLinearGaussian(new Float64Array(x.length / dim), 1, x, dim), slope: [] }
  const at = (condition: Float64Array) => residualsGiven(regression, condition, dim)
  return {
    /** log of the change of volume, nats */
    logScale: at(new Float64Array(conditions)).logScale,
    residuals(rows: ArrayLike<number>, condition: Float64Array): Float64Array {
      const y = Float64Array.from(rows)
      if (condition.length === conditions) return at(condition).of(y)
      const out = new Float64Array(y.length)
      for (let row = 0; row < y.length / dim; row++) {
        const own = at(condition.subarray(row * conditions, (row + 1) * conditions))
        out.set(own.of(y.subarray(row * dim, (row + 1) * dim)), row * dim)
      }
      return out
    },
    back: (residuals: Float64Array, condition: Float64Array) => at(condition).back(residuals),
  }
}
