import type { ObjectKind } from '../io/objects/index.js'
import type { Case } from '../pipelines/case.js'

/** The science cases by name, in the order of the help. A new case is one line here; its module is light. */
export const cases: ReadonlyMap<string, () => Promise<Case>> = new Map([
  ['galaxies', async () => (await import('../pipelines/galaxies/case.js')).galaxies],
  ['dwarfs', async () => (await import('../pipelines/dwarfs/case.js')).dwarfs],
  ['densities', async () => (await import('../pipelines/densities/case.js')).densities],
])

/** The objects that files of all cases hold. */
export async function objectKinds(): Promise<readonly ObjectKind<unknown>[]> {
  const lists = await Promise.all(Array.from(cases.values(), async load => (await load()).kinds?.() ?? []))
  return lists.flat()
}
