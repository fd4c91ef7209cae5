import * as tf from '@tensorflow/tfjs'
import { type Summary, UsageError } from '../../../core/index.js'
import type { MethodReader } from '../reader.js'
import { residualMlp } from '../residualMlp.js'
import { type SimulationStatistics, type SimulationTable, standardised } from '../simulationStatistics.js'
import { standardise } from '../standardise.js'
import type { Simulations } from '../trainMethod.js'

/** A row of numbers, as simulated. */
export type Row = Float32Array | Float64Array

export interface RowReaderOptions {
  /** of the residual network; default 64 */
  readonly width?: number
  /** its residual blocks; default 2 */
  readonly blocks?: number
  /** begin at the linear Gaussian regression of the simulations (default), or at the prior */
  readonly start?: 'linear' | 'prior'
}

/** Rows of numbers: standardised, and beside them what a residual network makes of them. */
export function rowReader(statistics: SimulationStatistics, options: RowReaderOptions = {}): MethodReader<Row> {
  const { width = 64, blocks = 2, start = 'linear' } = options
  const { observations, posterior } = statistics
  const network = readRows(observations, width, blocks)
  return {
    encode: rows => ({ x: { shape: [rows.length, observations], values: joined(rows, observations) } }),
    summary: { ...network, apply: (params, { x }) => network.apply(params, standardise(statistics, x)) },
    ...(start === 'linear' &&
      posterior && {
        start: {
          regression: posterior,
          width: observations,
          numbers: ({ x }) => standardise(statistics, x),
          numbersOf: row => standardised(statistics, row),
        },
      }),
  }
}

/** Rows of numbers as they are and what a residual network makes of them. */
export function readRows(inputs: number, width: number, blocks: number): Summary<tf.Tensor> {
  const network = residualMlp({ inputs, outputs: width, width, blocks })
  return {
    outputs: inputs + width,
    init: network.init,
    apply: (params, x) => tf.concat([x, network.apply(params, x)], 1),
  }
}

function joined(rows: readonly Row[], width: number): Float32Array {
  const out = new Float32Array(rows.length * width)
  for (const [i, row] of rows.entries()) {
    requireLength(row, width)
    out.set(row, i * width)
  }
  return out
}

/** @throws UsageError for an observation of another length */
export function requireLength(row: Row, observations: number): void {
  if (row.length === observations) return
  throw new UsageError(
    `expected an observation of ${observations} numbers, as the method was trained with`,
    `got ${row.length}`,
    'give one row of the same columns',
  )
}

/** A table of simulations as pairs. */
export function simulationsOf({ rows, z, x }: SimulationTable): Simulations<Row> {
  const width = x.length / rows
  return { z, objects: Array.from({ length: rows }, (_, row) => x.subarray(row * width, (row + 1) * width)) }
}
