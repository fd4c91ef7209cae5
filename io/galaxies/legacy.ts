import type { Box } from '../../core/index.js'
import * as objects from '../objects/index.js'
import type { Field } from './field.js'
import { type FieldOptions, fields } from './fields.js'

/** @deprecated use `ObjectSource<Field>` */
export interface FieldSource extends objects.ObjectSource<Field> {
  readonly summary: {
    readonly count: number
    readonly maxPoints: number
    readonly names: readonly string[]
    readonly box: Box
    readonly velocities: boolean
    readonly logMass: boolean
  }
}

/** @deprecated use `openAllObjects(fields, ...)` */
export async function openAllFields(
  paths: string | readonly string[],
  options: objects.OpenObjectsOptions & FieldOptions = {},
): Promise<FieldSource[]> {
  return (await objects.openAllObjects(fields, paths, options)).map(source => {
    const { count, mostPoints: maxPoints, names, attributes, columns } = source
    const [velocities, logMass] = ['velocities', 'log_mass'].map(name => columns.includes(name))
    return { ...source, summary: { count, maxPoints, names, box: attributes.box as Box, velocities, logMass } }
  })
}

/** @deprecated use `readObjects(fields, ...)` */
export function readFields(
  paths: string | readonly string[],
  options: objects.ReadObjectsOptions & FieldOptions = {},
): AsyncGenerator<Field> {
  return objects.readObjects(fields, paths, options)
}

/** @deprecated use `writeObjects(fields, ...)` */
export function writeFields(
  path: string,
  all: Iterable<Field> | AsyncIterable<Field>,
  options: objects.WriteObjectsOptions,
): Promise<number> {
  return objects.writeObjects(fields, path, all, options)
}

/** @deprecated use `ObjectParts<Field>` */
export interface FieldParts extends Pick<objects.ObjectParts<Field>, 'folder' | 'has' | 'remove' | 'join'> {
  write(index: number, field: Field, facts?: objects.PartFacts): void
  read(index: number): { readonly field: Field; readonly facts: objects.PartFacts }
}

/** @deprecated use `openParts(fields, ...)` */
export function openParts(
  out: string,
  identity: object,
  options: { readonly resume: boolean; readonly force: boolean },
): FieldParts {
  const parts = objects.openParts(fields, out, identity, options)
  const read = (index: number) => {
    const { objects, facts } = parts.read(index)
    return { field: objects[0], facts }
  }
  return { ...parts, read, write: (index, field, facts) => parts.write(index, [field], facts) }
}
