import { DataError } from '../../core/index.js'
import type { Dwarf } from './dwarf.js'
import { requireKpc } from './units.js'

/**
 * Checks a galaxy and brings it into the contract: two stars at least (members, where there are memberships), finite
 * positions about its centre, finite velocities that are not all one, errors that are not negative, probabilities in
 * [0, 1], finite parameters.
 *
 * @param where  file and row, for the error
 * @throws DataError that names the file, the row and the star
 */
export function checkedDwarf(where: string, raw: Omit<Dwarf, 'stars'>): Dwarf {
  const { positions, velocities, velocityErrors, membership, theta } = raw
  const stars = velocities.length
  requireStars(where, stars)
  requireKpc(where, positions)
  requireVelocities(where, velocities, velocityErrors)
  if (membership) requireMembership(where, membership)
  for (const [name, value] of Object.entries(theta)) {
    if (!Number.isFinite(value)) throw bad(where, `a finite ${name}`, String(value))
  }
  return { stars, positions, velocities, velocityErrors, ...(membership && { membership }), theta }
}

export function requireStars(where: string, stars: number): void {
  if (stars >= 2) return
  const got = stars === 1 ? 'one star' : 'none'
  throw bad(where, 'two stars or more', got, 'a dispersion needs several: add stars or omit this galaxy')
}

/** Line-of-sight velocities and their errors, km/s. */
export function requireVelocities(where: string, velocities: Floats, errors: Floats, at?: Place): void {
  requireEach('finite velocities (km/s)', velocities, Number.isFinite, { where, at })
  const isError = (error: number) => error >= 0 && error < Number.POSITIVE_INFINITY
  requireEach('velocity errors (km/s) of 0 or more', errors, isError, { where, at })
  if (!velocities.every(v => v === velocities[0])) return
  const action = 'check that the column holds line-of-sight velocities'
  throw bad(where, 'velocities that differ', `${velocities[0]} km/s for all ${velocities.length} stars`, action)
}

export function requireMembership(where: string, membership: Floats, at?: Place): void {
  requireEach('membership probabilities in [0, 1]', membership, p => p >= 0 && p <= 1, { where, at })
  if (!membership.some(p => p > 0)) {
    throw bad(where, 'a star with a membership probability above 0', 'none', 'check the column of probabilities')
  }
  let members = 0
  for (const p of membership) members += p
  if (members > 1) return
  const action = 'omit this galaxy, or simulate it with fewer --contaminants or more --stars'
  throw bad(
    where,
    'at least two member stars',
    `probabilities of membership that add up to ${Number(members.toPrecision(3))}`,
    action,
  )
}

type Floats = Float32Array | Float64Array
/** Names a star, such as `line 7` */
type Place = (star: number) => string

interface Where {
  readonly where: string
  readonly at?: Place
}

function requireEach(expected: string, values: Floats, good: (value: number) => boolean, { where, at }: Where): void {
  const star = values.findIndex(value => !good(value))
  if (star >= 0) throw bad(where, expected, `${values[star]} at ${at ? at(star) : `star ${star}`}`)
}

function bad(where: string, expected: string, got: string, action = 'correct or omit that star'): DataError {
  return new DataError(`expected ${expected} in ${where}`, `got ${got}`, action)
}
