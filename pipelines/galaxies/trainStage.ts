import type { Key } from '../../core/index.js'
import type { Device } from '../../engine/index.js'
import type { Field } from '../../io/galaxies/field.js'
import type { RunContext, RunFolder } from '../run/index.js'
import type { Split } from '../stream/index.js'
import type { Normalisation } from './batches/normalisation.js'
import type { GalaxiesConfig } from './config.js'
import type { GalaxiesData } from './data.js'

/** A training run as its stages see it. */
export interface TrainStage {
  readonly folder: RunFolder<GalaxiesConfig>
  readonly config: GalaxiesConfig
  readonly data: GalaxiesData
  readonly split: Split
  /** validation fields that noise is added to */
  readonly heldOut: readonly Field[]
  readonly normalisation: Normalisation
  readonly key: Key
  readonly threads: number
  readonly device: Device
  readonly context: RunContext
}

/** At most `most` of the indices, evenly spread; 0 for all. */
export function spread(indices: Int32Array, most: number): Int32Array {
  if (most === 0 || indices.length <= most) return indices
  return Int32Array.from({ length: most }, (_, i) => indices[Math.floor((i * indices.length) / most)])
}
