import { DataError } from '../../core/index.js'
import type { Dwarf } from '../../io/dwarfs/dwarf.js'
import { dwarfs as kind } from '../../io/dwarfs/dwarfs.js'
import { chunksOf, type ObjectChunks, type ObjectSource, openAllObjects } from '../../io/objects/index.js'
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
export interface TrainingData extends ObjectChunks<Dwarf> {
  readonly prior: DwarfPrior
}

/**
 * Opens files of simulated galaxies. The prior is the one stored in the files; where a file has none it is the range
 * found in it, widened by one mean spacing at either end.
 *
 * @throws DataError where theta is absent or lacks a parameter
 */
export async function openTrainingData(paths: readonly string[], signal: AbortSignal): Promise<TrainingData> {
  const sources = await openAllObjects(kind, paths)
  const data = chunksOf(sources)
  try {
    const { names } = sources[0]
    const missing = dwarfNames.find(name => !names.includes(name))
    if (missing !== undefined) {
      throw new DataError(
        `expected theta with ${dwarfNames.join(', ')} in ${paths.join(', ')}`,
        `got ${names.join(', ') || 'none'}`,
        'train on simulated galaxies: stipple dwarfs simulate',
      )
    }
    return { ...data, prior: await commonPrior(sources, signal) }
  } catch (error) {
    data.close()
    throw error
  }
}

async function commonPrior(sources: readonly ObjectSource<Dwarf>[], signal: AbortSignal): Promise<DwarfPrior> {
  const found: DwarfPrior[] = []
  for (const { path, attributes, count, read } of sources) {
    const stored = attributes.prior
    found.push(stored === undefined ? await foundRange(read(0, count, signal), count) : storedPrior(stored, path))
  }
  const hull = (name: (typeof priorNames)[number]): Interval => [
    Math.min(...found.map(prior => prior[name][0])),
    Math.max(...found.map(prior => prior[name][1])),
  ]
  return priorWith(Object.fromEntries(priorNames.map(name => [name, hull(name)])))
}

function storedPrior(stored: unknown, path: string): DwarfPrior {
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
