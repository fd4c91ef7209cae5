import { DataError } from '../../core/index.js'
import type { Field } from './field.js'

/**
 * Checks a field and brings it into the contract: at least two points, finite numbers, positions in [0, box), heaviest
 * first. A position equal to the box length is the same place as 0 and becomes 0; one beyond the box is an error, since
 * the file then has other units or another box.
 *
 * @param where  file and row, for the error
 * @throws DataError that names the file, the row and the point
 */
export function checkedField(where: string, raw: Omit<Field, 'points'>): Field {
  const { positions, velocities, logMass, box, theta } = raw
  const points = positions.length / 3
  if (points < 2) throw new DataError(`expected at least 2 points in ${where}`, `got ${points}`, 'omit this field')
  for (let i = 0; i < positions.length; i++) {
    const x = positions[i]
    const length = box[i % 3]
    if (!Number.isFinite(x)) throw bad(where, 'finite positions', `${x} at point ${Math.floor(i / 3)}`)
    if (length === null) continue
    if (x < 0 || x > length) {
      throw bad(
        where,
        `positions in [0, ${length}) Mpc/h`,
        `${x} at point ${Math.floor(i / 3)}`,
        'check the unit and the box length',
      )
    }
    if (x === Math.fround(length)) positions[i] = 0
  }
  requireFinite(where, 'velocities', velocities, 3)
  requireFinite(where, 'log_mass', logMass, 1)
  for (const [name, value] of Object.entries(theta)) {
    if (!Number.isFinite(value)) throw bad(where, `a finite ${name}`, String(value))
  }
  return heaviestFirst({ points, positions, velocities, logMass, box, theta })
}

function requireFinite(where: string, name: string, values: Float32Array | undefined, width: number): void {
  const at = values?.findIndex(value => !Number.isFinite(value)) ?? -1
  if (values && at >= 0) throw bad(where, `finite ${name}`, `${values[at]} at point ${Math.floor(at / width)}`)
}

function bad(where: string, expected: string, got: string, action = 'correct or omit this field'): DataError {
  return new DataError(`expected ${expected} in ${where}`, `got ${got}`, action)
}

/** Points ordered by mass, descending; equal masses keep their order. Fields in order come back as they are. */
export function heaviestFirst(field: Field): Field {
  const { logMass, points } = field
  if (!logMass || isDescending(logMass)) return field
  const order = Array.from({ length: points }, (_, i) => i).sort((a, b) => logMass[b] - logMass[a] || a - b)
  return takePoints(field, order)
}

/** The points with these indices, in this order. */
export function takePoints(field: Field, order: readonly number[]): Field {
  const pick = (values: Float32Array, width: number): Float32Array => {
    const out = new Float32Array(order.length * width)
    for (let i = 0; i < order.length; i++) {
      for (let c = 0; c < width; c++) out[i * width + c] = values[order[i] * width + c]
    }
    return out
  }
  return {
    ...field,
    points: order.length,
    positions: pick(field.positions, 3),
    velocities: field.velocities && pick(field.velocities, 3),
    logMass: field.logMass && pick(field.logMass, 1),
  }
}

function isDescending(values: Float32Array): boolean {
  for (let i = 1; i < values.length; i++) if (values[i] > values[i - 1]) return false
  return true
}

/** The first `count` points of a field that is in order of mass. */
export function heaviest(field: Field, count: number | undefined): Field {
  if (count === undefined || field.points <= count) return field
  return {
    ...field,
    points: count,
    positions: field.positions.slice(0, 3 * count),
    velocities: field.velocities?.slice(0, 3 * count),
    logMass: field.logMass?.slice(0, count),
  }
}
