import { UsageError } from '../../core/errors.js'
import { type Key, permutation } from '../../core/key.js'

/** Indices of fields, ascending. No simulation is on both sides. */
export interface Split {
  readonly training: Int32Array
  readonly validation: Int32Array
}

/**
 * Splits fields into training and validation by simulation: fields cut from one simulation share its density field, so
 * one of them on each side would let a model be judged on what it has seen.
 *
 * @param count       number of fields
 * @param fraction    share of simulations held for validation, in [0, 1); at least one where it is above 0 and there
 *   are two
 * @param simulations the simulation of each field, `[count]`; absent where every field is its own
 * @throws UsageError where the fraction is not in [0, 1)
 */
export function splitBySimulation(key: Key, count: number, fraction: number, simulations?: readonly number[]): Split {
  if (!(fraction >= 0 && fraction < 1)) {
    throw new UsageError('expected the validation share in [0, 1)', `got ${fraction}`, 'choose for example 0.1')
  }
  const simulationOf = (field: number) => simulations?.[field] ?? field
  const all = [...new Set(Array.from({ length: count }, (_, field) => simulationOf(field)))].sort((a, b) => a - b)
  const wanted = fraction === 0 ? 0 : Math.max(1, Math.round(fraction * all.length))
  const held = Math.min(wanted, Math.max(0, all.length - 1))
  const order = permutation(key.split('split'), all.length)
  const validation = new Set(Array.from(order.subarray(0, held), i => all[i]))
  const fields = Int32Array.from({ length: count }, (_, field) => field)
  return {
    training: fields.filter(field => !validation.has(simulationOf(field))),
    validation: fields.filter(field => validation.has(simulationOf(field))),
  }
}
