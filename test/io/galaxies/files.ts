import { type Field, fields } from '../../../io/galaxies/index.js'
import { readObjects, type WriteObjectsOptions, writeObjects } from '../../../io/objects/index.js'

export function writeFields(path: string, all: Iterable<Field>, options: WriteObjectsOptions): Promise<number> {
  return writeObjects(fields, path, all, options)
}

/** All fields of a file. */
export async function fieldsIn(path: string): Promise<Field[]> {
  const found: Field[] = []
  for await (const field of readObjects(fields, path)) found.push(field)
  return found
}
