import { keyOf } from '../../../core/index.js'
import type { Dwarf } from '../../../io/dwarfs/dwarf.js'
import type { DwarfPrior } from '../../../simulators/dwarfs/index.js'
import { type JeansOptions, type JeansPosterior, jeansPosterior } from './jeansPosterior.js'

/** One galaxy. */
export interface JeansTask {
  readonly dwarf: Dwarf
  readonly prior: DwarfPrior
  readonly key: readonly [number, number]
  readonly options: Omit<JeansOptions, 'accept'>
}

export default function run({ dwarf, prior, key, options }: JeansTask): Promise<JeansPosterior> {
  return jeansPosterior(dwarf, prior, keyOf(...key), options)
}
