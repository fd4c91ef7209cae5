import type { Case } from '../pipelines/case.js'

/** The science cases by name, in the order of the help. A new case is one line here; its module is light. */
export const cases: ReadonlyMap<string, () => Promise<Case>> = new Map([
  ['galaxies', async () => (await import('../pipelines/galaxies/case.js')).galaxies],
  ['dwarfs', async () => (await import('../pipelines/dwarfs/case.js')).dwarfs],
  ['densities', async () => (await import('../pipelines/densities/case.js')).densities],
])
