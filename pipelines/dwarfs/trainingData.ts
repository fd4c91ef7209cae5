import { DataError } from '../../core/index.js'
import type { Dwarf } from '../../io/dwarfs/dwarf.js'
import { type DwarfChunks, openDwarfChunks } from '../../io/dwarfs/index.js'
import {
  type DwarfPrior,
  dwarfNames,
  type Interval,
  priorNames,
  priorWith,
  toCoordinates,
} from '../../simulators/index.js'
import { thetaOf } from './parameters.js'

/** Simulated galaxies of one or several files, and the box that their parameters were drawn from. */
export interface TrainingData extends DwarfChunks {
  readonly prior: DwarfPrior
}

/**
 * Opens files of simulated galaxies. The prior is what the files say; of files that say nothing it is the range that is
 * found in them, widened by one mean spacing at either end.
 *
 * @throws DataError where theta is absent or lacks a parameter
 */
export async function openTrainingData(paths: readonly string[], signal: AbortSignal): Promise<TrainingData> {
  const data = await openDwarfChunks(paths)
  try {
    const missing = dwarfNames.find(name => !data.names.includes(name))
    if (missing !== undefined) {
      throw new DataError(
        `expected theta with ${dwarfNames.join(', ')} in ${paths.join(', ')}`,
        `got ${data.names.join(', ') || 'none'}`,
        'train on simulated galaxies: stipple dwarfs simulate',
      )
    }
    return { ...data, prior: await commonPrior(data, signal) }
  } catch (error) {
    data.close()
    throw error
  }
}

async function commonPrior(data: DwarfChunks, signal: AbortSignal): Promise<DwarfPrior> {
  const told: DwarfPrior[] = []
  for (const { path, prior, count, read } of data.sources) {
    told.push(prior === undefined ? await foundRange(read(0, count, signal), count) : toldPrior(prior, path))
  }
  const hull = (name: (typeof priorNames)[number]): Interval => [
    Math.min(...told.map(prior => prior[name][0])),
    Math.max(...told.map(prior => prior[name][1])),
  ]
  return priorWith(Object.fromEntries(priorNames.map(name => [name, hull(name)])))
}

function toldPrior(stored: unknown, path: string): DwarfPrior {
  if (
    typeof stored === 'object' &&
    stored !== null &&
    priorNames.every(name => isInterval(Reflect.get(stored, name)))
  ) {
    return priorWith(Object.fromEntries(priorNames.map(name => [name, Reflect.get(stored, name) as Interval])))
  }
  throw new DataError(
    `expected the prior of ${path} to hold ${priorNames.join(', ')}`,
    `got ${JSON.stringify(stored)}`,
    'simulate the file again',
  )
}

function isInterval(value: unknown): value is Interval {
  return Array.isArray(value) && value.length === 2 && value.every(x => typeof x === 'number')
}

async function foundRange(dwarfs: AsyncIterable<Dwarf>, count: number): Promise<DwarfPrior> {
  const low = priorNames.map(() => Number.POSITIVE_INFINITY)
  const high = priorNames.map(() => Number.NEGATIVE_INFINITY)
  for await (const dwarf of dwarfs) {
    toCoordinates(thetaOf(dwarf)).forEach((x, i) => {
      low[i] = Math.min(low[i], x)
      high[i] = Math.max(high[i], x)
    })
  }
  const widened = (i: number): Interval => {
    const spacing = (high[i] - low[i]) / Math.max(1, count - 1) || 1e-3
    return [low[i] - spacing, high[i] + spacing]
  }
  return priorWith(Object.fromEntries(priorNames.map((name, i) => [name, widened(i)])))
}
