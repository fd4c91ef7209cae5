import type { ObjectKind } from '../objects/index.js'
import { checkedDwarf } from './check.js'
import type { Dwarf } from './dwarf.js'
import { dsphsGnn, dwarfParameterName, jeansGnn } from './jeansGnn.js'

const star = { shape: 'point', dtype: 'f4' } as const

/**
 * Dwarf galaxies, the stars of all one after another. Our layout: `positions [N, 2]` kpc, `velocities [N]` and
 * `velocity_errors [N]` km/s, `membership [N]` (may be absent), `offsets [n + 1]`, `theta [n, p]` with its names
 * (absent for measured galaxies), and `prior` on the root. In Arrow the columns of stars are lists.
 */
export const dwarfs: ObjectKind<Dwarf> = {
  subject: 'dwarfs',
  noun: 'galaxies',
  one: 'galaxy',
  points: { layout: 'ragged', one: 'star', count: 'stars' },
  chunkRows: 1024,
  columns: [
    { ...star, name: 'positions', property: 'positions', width: 2, units: 'kpc' },
    { ...star, name: 'velocities', property: 'velocities', units: 'km/s', title: 'line-of-sight velocities' },
    { ...star, name: 'velocity_errors', property: 'velocityErrors', units: 'km/s' },
    { ...star, name: 'membership', property: 'membership', units: '', optional: true },
    { name: 'theta', property: 'theta', shape: 'row', dtype: 'f8', units: '', optional: true },
  ],
  parameterName: dwarfParameterName,
  check: checkedDwarf,
  views: [dsphsGnn, jeansGnn],
  looksLike(shapes) {
    const has = (...names: readonly string[]) => names.every(name => shapes.has(name))
    const ours = has('positions', 'velocities') && (has('offsets') || shapes.get('velocities')?.length === 1)
    const theirs = has('pos', 'vel', 'labels') || has('pos', 'vel', 'ptr') || has('features', 'labels', 'ptr')
    return ours || theirs || (has('v_los', 'v_err') && (has('ra', 'dec') || has('x', 'y')))
  },
}
