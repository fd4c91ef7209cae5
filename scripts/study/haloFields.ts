import { existsSync } from 'node:fs'
import { UsageError } from '../../core/index.js'
import type { Field } from '../../io/galaxies/field.js'
import { readFields } from '../../io/galaxies/index.js'

/** A file of the simulated halo fields beside the checkout. */
export function haloFile(name: string): string {
  return `../shared/data/cosmology/halos/${name}`
}

/** All fields of such files. @throws UsageError where one is not there */
export async function haloFields(...names: readonly string[]): Promise<Field[]> {
  const missing = names.map(haloFile).find(path => !existsSync(path))
  if (missing !== undefined)
    throw new UsageError(`expected ${missing} beside the checkout`, 'got nothing', 'put the data there')
  const fields: Field[] = []
  for await (const field of readFields(names.map(haloFile))) fields.push(field)
  return fields
}

/** So many of the items, evenly spaced; all where there are fewer. */
export function spread<T>(items: readonly T[], count: number): T[] {
  const kept = Math.min(count, items.length)
  return Array.from({ length: kept }, (_, i) => items[Math.floor((i * items.length) / kept)])
}
