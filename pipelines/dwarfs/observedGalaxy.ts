import { basename, extname } from 'node:path'
import { UsageError } from '../../core/index.js'
import type { Dwarf } from '../../io/dwarfs/dwarf.js'
import { dwarfs } from '../../io/dwarfs/dwarfs.js'
import { readStarsCsv } from '../../io/dwarfs/index.js'
import { objectAt } from '../../io/objects/index.js'
import type { UncertainDistance } from './distances.js'
import { knownGalaxy } from './knownGalaxy.js'
import { observeStars, requireDistance } from './observed.js'

/** Which galaxy, and what is known of it. */
export interface GalaxyOptions {
  /** which galaxy of a file of several */
  readonly index: number
  /** kpc */
  readonly distance?: number
  /** a name of the Local Volume Database */
  readonly galaxy?: string
}

/** The galaxy that `infer` was asked about. */
export interface ObservedGalaxy {
  readonly dwarf: Dwarf
  /** as a title: the galaxy's name, or the file and its row */
  readonly name: string
  /** kpc, where known */
  readonly distance?: number
  /** The same with its errors, where they are known: of a galaxy of the table */
  readonly uncertainDistance?: UncertainDistance
  /** Centre and systemic velocity, where they were found from the stars */
  readonly facts: Readonly<Record<string, unknown>>
  /** what a reader should know */
  readonly notes: readonly string[]
}

/** A csv of stars, or one galaxy of a file of several. @throws UsageError for a row that is not there */
export async function observedGalaxy(
  path: string,
  options: GalaxyOptions,
  signal: AbortSignal,
): Promise<ObservedGalaxy> {
  const galaxy = options.galaxy === undefined ? undefined : await knownGalaxy(options.galaxy)
  requireDistance(options.distance)
  const distance = options.distance ?? galaxy?.distance.value
  const uncertain = (places: UncertainDistance['places']): Pick<ObservedGalaxy, 'uncertainDistance'> => {
    if (options.distance !== undefined || galaxy === undefined) return {}
    const { value, minus, plus } = galaxy.distance
    return minus >= 0 && minus < value && plus >= 0 ? { uncertainDistance: { value, minus, plus, places } } : {}
  }
  if (['.csv', '.tsv', '.txt'].includes(extname(path).toLowerCase())) {
    if (options.index > 0) {
      throw new UsageError(
        'expected --index with a file of several galaxies',
        `got --index ${options.index} and the stars of one in ${path}`,
        'omit it',
      )
    }
    const observed = observeStars(await readStarsCsv(path, signal), { distance: options.distance, galaxy })
    const { centre, velocity, notes } = observed
    return {
      dwarf: observed.dwarf,
      name: galaxy?.name ?? basename(path),
      distance: observed.distance,
      ...uncertain(centre ? 'angles' : 'kpc'),
      facts: { ...(centre && { centre }), systemic_velocity: velocity },
      notes,
    }
  }
  const dwarf = await objectAt(dwarfs, [path], options.index, signal)
  const name = `${basename(path)}, galaxy ${options.index}`
  return { dwarf, name, distance, ...uncertain('kpc'), facts: {}, notes: [] }
}
