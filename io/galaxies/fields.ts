import { type Box, periodicBox } from '../../core/index.js'
import type { FileAttribute, ObjectKind, SharedValue } from '../objects/index.js'
import { checkedField, heaviest } from './check.js'
import type { Field } from './field.js'
import { halosNpy } from './halosNpy.js'
import { parameterName } from './parameterName.js'
import { quijoteFolder } from './quijoteFields.js'

/** What a caller may say of files that do not. */
export interface FieldOptions {
  /** Box length in Mpc/h where the file has none; `halos.npy` 1000 */
  readonly box?: number
  /** The snapshot read from a Quijote folder; default 4, z = 0 */
  readonly snapshot?: number
}

/** One length where the box is a cube, else three. */
const box: SharedValue<FieldOptions> = {
  name: 'box',
  property: 'box',
  title: 'box (Mpc/h)',
  decode(stored, options) {
    const found = stored === undefined ? options.box : isText(stored) ? stored.split(',').map(Number) : stored
    const lengths = typeof found === 'number' ? periodicBox(found) : found
    return isBox(lengths) && lengths.every(isLength) ? lengths : undefined
  },
  encode(value): FileAttribute | undefined {
    if (!isBox(value)) return undefined
    const lengths = value.filter(isLength)
    if (lengths.length < 3) return undefined
    return lengths.every(length => length === lengths[0]) ? lengths[0] : lengths
  },
  text: value => (isBox(value) ? value.join(' x ') : String(value)),
}

/** Arrow holds a box of three lengths as text. */
function isText(stored: unknown): stored is string {
  return typeof stored === 'string' && stored.includes(',')
}

function isBox(value: unknown): value is Box {
  return Array.isArray(value) && value.length === 3
}

function isLength(length: unknown): length is number {
  return typeof length === 'number' && length > 0 && length < Number.POSITIVE_INFINITY
}

/**
 * Halo or galaxy fields. Our layout: `positions [n, points, 3]` Mpc/h, `velocities [n, points, 3]` km/s, `log_mass [n,
 * points]`, `mask [n, points]`, `theta [n, p]` with its names, and the attribute `box` (Mpc/h) on the root. Velocities,
 * masses and mask may be absent. In Arrow the same columns are fixed-size lists.
 */
export const fields: ObjectKind<Field, FieldOptions> = {
  subject: 'galaxies',
  noun: 'fields',
  one: 'field',
  place: 'row',
  points: { layout: 'padded', one: 'point', count: 'points' },
  chunkRows: 256,
  columns: [
    { name: 'positions', property: 'positions', shape: 'point', width: 3, dtype: 'f4', units: 'Mpc/h' },
    {
      name: 'velocities',
      property: 'velocities',
      shape: 'point',
      width: 3,
      dtype: 'f4',
      units: 'km/s',
      optional: true,
    },
    { name: 'log_mass', property: 'logMass', shape: 'point', dtype: 'f4', units: 'log10 Msun/h', optional: true },
    { name: 'theta', property: 'theta', shape: 'row', dtype: 'f8', units: '' },
  ],
  shared: [box],
  parameterName,
  check: checkedField,
  take: heaviest,
  foreign: [halosNpy, quijoteFolder],
}
