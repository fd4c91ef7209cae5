import { existsSync } from 'node:fs'
import { UsageError } from '../../core/index.js'
import type { Field } from '../../io/galaxies/field.js'
import { fields } from '../../io/galaxies/fields.js'
import { readObjects } from '../../io/objects/index.js'

/** A file of the simulated halo fields beside the checkout. */
export function haloFile(name: string): string {
  return `../shared/data/cosmology/halos/${name}`
}

/** All fields of such files. @throws UsageError where one is not there */
export async function haloFields(...names: readonly string[]): Promise<Field[]> {
  const missing = names.map(haloFile).find(path => !existsSync(path))
  if (missing !== undefined)
    throw new UsageError(`expected ${missing} beside the checkout`, 'got nothing', 'put the data there')
  const found: Field[] = []
  for await (const field of readObjects(fields, names.map(haloFile))) found.push(field)
  return found
}

/** So many of the items, evenly spaced; all where there are fewer. */
export function spread<T>(items: readonly T[], count: number): T[] {
  const kept = Math.min(count, items.length)
  return Array.from({ length: kept }, (_, i) => items[Math.floor((i * items.length) / kept)])
}
