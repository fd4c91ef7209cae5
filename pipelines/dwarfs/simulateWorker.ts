import { keyOf } from '../../core/index.js'
import { type DrawnDwarf, type DwarfOptions, type DwarfPrior, drawDwarf } from '../../simulators/dwarfs/index.js'

/** Galaxies `from` to `to`, each from a key of its own. */
export interface SimulateDwarfsTask {
  readonly key: readonly [number, number]
  readonly from: number
  readonly to: number
  readonly prior: DwarfPrior
  readonly options: DwarfOptions
}

/** A block of galaxies on a worker thread. */
export default function simulateBlock({ key, from, to, prior, options }: SimulateDwarfsTask): DrawnDwarf[] {
  const all = keyOf(...key)
  return Array.from({ length: to - from }, (_, i) => drawDwarf(all.split(from + i), prior, options))
}
