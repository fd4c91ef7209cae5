import type { Field } from '../io/galaxies/field.js'

/** Fields drawn at one cosmology, beside the simulated fields of the same one. */
export interface CosmologyGroup {
  readonly theta: Readonly<Record<string, number>>
  readonly samples: readonly Field[]
  readonly references: readonly Field[]
}

/**
 * Sorts fields by theta, so that means and errors are taken at one cosmology at a time. Two thetas are the same when
 * all parameters that both name agree to six digits. References without a sample are omitted.
 */
export function groupByCosmology(samples: readonly Field[], references: readonly Field[]): CosmologyGroup[] {
  const groups: { theta: Field['theta']; samples: Field[]; references: Field[] }[] = []
  for (const field of samples) {
    const known = groups.find(group => sameTheta(group.theta, field.theta))
    if (known) known.samples.push(field)
    else groups.push({ theta: field.theta, samples: [field], references: [] })
  }
  for (const field of references) groups.find(group => sameTheta(group.theta, field.theta))?.references.push(field)
  return groups
}

function sameTheta(a: Field['theta'], b: Field['theta']): boolean {
  const shared = Object.keys(a).filter(name => name in b)
  return shared.every(name => Math.abs(a[name] - b[name]) <= 1e-6 * Math.max(1, Math.abs(a[name])))
}
