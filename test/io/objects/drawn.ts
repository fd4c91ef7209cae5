import { type Key, makeKey, periodicBox, uniform } from '../../../core/index.js'
import type { Dwarf } from '../../../io/dwarfs/dwarf.js'
import type { Field } from '../../../io/galaxies/field.js'
import { dwarfs, fields, type ObjectKind, type Simulation, simulations } from '../../../io/index.js'

/** A kind and objects of it drawn from a key: what the laws of io/objects are run over. */
export interface DrawnKind<T> {
  readonly kind: ObjectKind<T>
  /** Object `index`; its points, where it has any, vary with the index */
  draw(index: number): T
  /** An object of another design: other parameters, another box */
  readonly other: T
}

const keyOf = (index: number): Key => makeKey(3).split(index)

export function drawnField(index: number, points = 2 + ((5 * index + 3) % 9)): Field {
  const key = keyOf(index)
  return {
    points,
    positions: uniform(key.split('x'), 3 * points).map(u => 99 * u),
    velocities: uniform(key.split('v'), 3 * points),
    logMass: uniform(key.split('m'), points).sort((a, b) => b - a),
    box: periodicBox(100),
    theta: { omega_m: 0.1 + index / 7, sigma_8: 0.8 },
  }
}

export function drawnDwarf(index: number, stars = 2 + ((5 * index + 3) % 9)): Dwarf {
  const key = keyOf(index)
  return {
    stars,
    positions: uniform(key.split('x'), 2 * stars).map(u => u - 0.5),
    velocities: uniform(key.split('v'), stars).map(u => 9 * u),
    velocityErrors: uniform(key.split('e'), stars),
    membership: uniform(key.split('p'), stars).map(u => 1 - u / 4),
    theta: { gamma: index / 3, beta_0: -0.1 },
  }
}

export function drawnSimulation(index: number): Simulation {
  const key = keyOf(index)
  const x = index % 3 === 1 ? new Float32Array(3).fill(Number.NaN) : uniform(key.split('x'), 3)
  return { theta: uniform(key.split('t'), 2), x, thetaNames: ['a', 'b'], xNames: ['u', 'v', 'w'] }
}

interface Event {
  readonly hits: number
  /** `[hits]` GeV */
  readonly energies: Float32Array
  readonly label: Readonly<Record<string, number>>
}

/** A kind that no file of io knows: a declaration is enough. */
const events: ObjectKind<Event> = {
  subject: 'showers',
  noun: 'events',
  one: 'event',
  points: { layout: 'padded', one: 'hit', count: 'hits' },
  columns: [
    { name: 'energies', property: 'energies', shape: 'point', dtype: 'f4', units: 'GeV' },
    { name: 'label', property: 'label', shape: 'row', dtype: 'f8', units: '' },
  ],
}

function drawnEvent(index: number): Event {
  const hits = 1 + (index % 4)
  return { hits, energies: uniform(keyOf(index), hits), label: { mass: index / 9 } }
}

/** Hides the type of a kind's objects, so that kinds of different objects stand in one table. */
function drawn<T>(kind: ObjectKind<T>, draw: (index: number) => T, other: T): DrawnKind<unknown> {
  return { kind, draw: index => draw(index), other }
}

export const drawnKinds: Readonly<Record<string, DrawnKind<unknown>>> = {
  fields: drawn(fields, drawnField, { ...drawnField(0), box: periodicBox(50) }),
  dwarfs: drawn(dwarfs, drawnDwarf, { ...drawnDwarf(0), theta: { gamma: 1 } }),
  simulations: drawn(simulations, drawnSimulation, { ...drawnSimulation(0), thetaNames: ['a', 'c'] }),
  events: drawn(events, drawnEvent, { ...drawnEvent(0), label: { charge: 1 } }),
}
