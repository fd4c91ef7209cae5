import { DataError, type Key, type ParameterPrior, randomWords } from '../../core/index.js'
import { productPrior } from '../../generative/prior/index.js'
import type { SimulationTable } from '../../generative/sbi/index.js'
import type { RunFolder } from '../run/index.js'
import type { DensitiesConfig } from './config.js'
import { type ObservationForm, rowOf, rowWidth } from './form.js'
import { type RowStore, rowWriter } from './rowStore.js'
import { type SimulationBlock, simulationBlocks } from './simulationBlocks.js'
import type { SimulationTables } from './simulationTables.js'

/** Simulations that cannot be learned from, by why. */
export interface Dropped {
  /** with NaN or infinity among the parameters, or in the data */
  readonly theta: number
  readonly x: number
  /** outside the prior's support */
  readonly outside: number
}

/** Simulations as training takes them. */
export interface Simulations {
  readonly prior: ParameterPrior
  readonly form: ObservationForm
  /** training rows `[p + width]`: standard normal coordinates of theta, then the observation */
  readonly training: RowStore
  /** held out */
  readonly validation: SimulationTable
  /** some of the training rows, evenly out of all: what statistics are taken of */
  readonly sample: SimulationTable
  readonly dropped: Dropped
  close(): void
}

export interface IngestOptions extends RowLimits {
  readonly prior: ParameterPrior
  readonly form: ObservationForm
  readonly key: Key
}

/** Which rows are held out, and where the others lie. */
export interface RowLimits {
  readonly validation: number
  readonly validationMost: number
  /** bytes */
  readonly memory: number
  /** path of the file that rows go to where they exceed `memory` */
  readonly scratch: string
}

/** The limits by a configuration; rows beyond its memory go to a file of this folder. */
export function limitsOf({ data }: DensitiesConfig, { file }: Pick<RunFolder<DensitiesConfig>, 'file'>): RowLimits {
  const { validation, validationMost, memory } = data
  return { validation, validationMost, memory: memory * 2 ** 20, scratch: file('rows.scratch') }
}

/** Simulations one after another, wherever from. */
export interface SimulationSource {
  /** from the first one on, as often as asked */
  blocks(): AsyncIterable<SimulationBlock> | Iterable<SimulationBlock>
  /** how many there are */
  readonly rows: number
  /** where from, for errors */
  readonly from: string
}

/** Standard normal coordinates of what lies on the very edge of a box, as rounded parameters do. */
const edgeInZ = 6

/** Rows that statistics are taken of. */
const sampledRows = 50_000

/**
 * One pass over the simulations. Every row goes where its own random word says, so that neither a sorted table nor one
 * longer than memory leans one way: to what is held out, or to the training rows and, of many, to the sample.
 *
 * @throws DataError where fewer than two rows are left
 */
export async function ingest(
  { blocks, rows: all, from }: SimulationSource,
  options: IngestOptions,
  signal: AbortSignal,
): Promise<Simulations> {
  const { prior, form, validation, validationMost, memory, scratch, key } = options
  const p = prior.names.length
  const width = rowWidth(form)
  const share = Math.min(validation, validationMost / Math.max(1, all))
  const sampled = sampledRows / Math.max(1, all)
  const writer = rowWriter(p + width, memory, scratch)
  const heldOut: Float32Array[] = []
  const sample: Float32Array[] = []
  const dropped = { theta: 0, x: 0, outside: 0 }
  try {
    for await (const block of blocks()) {
      signal.throwIfAborted()
      const z = prior.toNormal(block.theta)
      const places = sharesOf(key.split('split').split(block.start), block.rows)
      const kept: Float32Array[] = []
      for (let row = 0; row < block.rows; row++) {
        const theta = block.theta.subarray(row * p, (row + 1) * p)
        const own = z.subarray(row * p, (row + 1) * p)
        const x = block.x(row)
        const values = new Float32Array(p + width)
        if (!theta.every(Number.isFinite)) dropped.theta++
        else if (own.some(Number.isNaN)) dropped.outside++
        else {
          for (let i = 0; i < p; i++) values[i] = Math.max(-edgeInZ, Math.min(edgeInZ, own[i]))
          values.set(rowOf(form, x, key.split(block.start + row)), p)
          // Asked of float32: a number too large for it is infinite to every network.
          if (!x.every(Number.isFinite) || !values.every(Number.isFinite)) dropped.x++
          else if (places[row] < share) heldOut.push(values)
          else {
            kept.push(values)
            if ((places[row] - share) / (1 - share) < sampled) sample.push(values)
          }
        }
      }
      writer.append(joined(kept, p + width))
    }
    // Of few rows none may have been held out.
    const training = writer.finish()
    if (heldOut.length === 0 && sample.length > 0) heldOut.push(sample[0])
    if (training.count < 2) {
      training.close()
      throw new DataError(
        `expected at least 2 simulations to learn from in ${from}`,
        `got ${training.count} of ${all} rows${droppedText(dropped)}`,
        'simulate more',
      )
    }
    return {
      prior,
      form,
      training,
      validation: tableOf(heldOut, p, width),
      sample: tableOf(sample, p, width),
      dropped,
      close: () => training.close(),
    }
  } catch (error) {
    writer.discard()
    throw error
  }
}

/** `, 3 with NaN or infinity in theta, …`; nothing where nothing was dropped */
export function droppedText({ theta, x, outside }: Dropped): string {
  return [
    theta > 0 ? `, ${theta} with NaN or infinity in theta` : '',
    x > 0 ? `, ${x} with NaN or infinity in x` : '',
    outside > 0 ? `, ${outside} outside the prior` : '',
  ].join('')
}

/** What the rows of the tables span: the range of every parameter, and the most points of a set. */
export async function survey(
  tables: SimulationTables,
  signal: AbortSignal,
): Promise<{ readonly low: number[]; readonly high: number[]; readonly points: number; readonly rows: number }> {
  const p = tables.names.length
  const low = tables.names.map(() => Number.POSITIVE_INFINITY)
  const high = tables.names.map(() => Number.NEGATIVE_INFINITY)
  const features = tables.x.kind === 'set' ? tables.x.features : 1
  let [points, rows] = [1, 0]
  for await (const block of simulationBlocks(tables, signal)) {
    for (let row = 0; row < block.rows; row++) {
      const theta = block.theta.subarray(row * p, (row + 1) * p)
      if (!theta.every(Number.isFinite)) continue
      rows++
      for (let i = 0; i < p; i++) {
        low[i] = Math.min(low[i], theta[i])
        high[i] = Math.max(high[i], theta[i])
      }
      points = Math.max(points, Math.ceil(block.x(row).length / features))
    }
  }
  return { low, high, points, rows }
}

/**
 * A uniform box about what was found, wider by one mean spacing at either end: what a table says of its prior where
 * nobody else does.
 *
 * @throws DataError where a parameter does not vary
 */
export function foundPrior(names: readonly string[], { low, high, rows }: Awaited<ReturnType<typeof survey>>) {
  const still = names.findIndex((_, i) => !(high[i] > low[i]))
  if (still >= 0) {
    throw new DataError(
      `expected ${names[still]} to vary`,
      rows === 0 ? 'got no rows of finite parameters' : `got ${low[still]} in every row`,
      'leave it out of the table, or give its prior by --prior',
    )
  }
  const spacing = (i: number) => (high[i] - low[i]) / Math.max(1, rows - 1)
  return productPrior(
    Object.fromEntries(
      names.map((name, i) => [name, { uniform: [low[i] - spacing(i), high[i] + spacing(i)] as const }]),
    ),
  )
}

function sharesOf(key: Key, rows: number): Float64Array {
  return Float64Array.from(randomWords(key, rows), word => word / 0x100000000)
}

function joined(rows: readonly Float32Array[], width: number): Float32Array {
  const out = new Float32Array(rows.length * width)
  for (const [i, row] of rows.entries()) out.set(row, i * width)
  return out
}

function tableOf(rows: readonly Float32Array[], p: number, width: number): SimulationTable {
  const z = new Float32Array(rows.length * p)
  const x = new Float32Array(rows.length * width)
  for (const [i, row] of rows.entries()) {
    z.set(row.subarray(0, p), i * p)
    x.set(row.subarray(p), i * width)
  }
  return { rows: rows.length, z, x }
}
