import type { Parameters } from '../../core/index.js'
import { productPrior } from '../../generative/prior/index.js'

const labels: Readonly<Record<string, string>> = {
  omega_m: 'Ωₘ',
  omega_b: 'Ω_b',
  h: 'h',
  n_s: 'nₛ',
  sigma_8: 'σ₈',
}

/**
 * The parameters of a galaxy or halo field, uniform in a box, for example `quijotePrior`. None has a unit.
 *
 * @param box the interval of each parameter, in the order of the answer: all five, or those that vary. A name that is
 *   none of the five is its own label.
 * @throws UsageError for an empty box, and BadMarginal for an interval that does not ascend
 */
export function galaxyParameters(box: Readonly<Record<string, readonly [low: number, high: number]>>): Parameters {
  const names = Object.keys(box)
  return {
    names,
    units: names.map(() => ''),
    labels: names.map(name => labels[name] ?? name),
    prior: productPrior(Object.fromEntries(names.map(name => [name, { uniform: box[name] }]))),
  }
}
