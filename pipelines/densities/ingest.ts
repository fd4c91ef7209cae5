import { DataError, type Key, type ParameterPrior, randomWords } from '../../core/index.js'
import type { SimulationTable } from '../../generative/sbi/index.js'
import type { DensitiesConfig } from './config.js'
import { type ObservationForm, rowOf, rowWidth } from './form.js'
import { type RowStore, rowWriter } from './rowStore.js'
import type { SimulationSource } from './simulationTables.js'

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

export interface IngestOptions {
  readonly prior: ParameterPrior
  readonly form: ObservationForm
  readonly data: Pick<DensitiesConfig['data'], 'validation' | 'validationMost' | 'memory'>
  /** path of the file that rows go to where they exceed `data.memory` */
  readonly scratch: string
  readonly key: Key
}

/** Standard normal coordinates of what lies on the very edge of a box, as rounded parameters do. */
const edge = 6

/** Rows that statistics are taken of. */
const mostSampled = 50_000

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
  const { prior, form, scratch, key } = options
  const { validation, validationMost, memory } = options.data
  const p = prior.names.length
  const width = rowWidth(form)
  const share = Math.min(validation, validationMost / Math.max(1, all))
  const sampled = mostSampled / Math.max(1, all)
  const writer = rowWriter(p + width, memory * 2 ** 20, scratch)
  const heldOut: Float32Array[] = []
  const sample: Float32Array[] = []
  const dropped = { theta: 0, x: 0, outside: 0 }
  try {
    for await (const block of blocks(signal)) {
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
          for (let i = 0; i < p; i++) values[i] = Math.max(-edge, Math.min(edge, own[i]))
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
