import { accessSync, constants, statSync } from 'node:fs'
import { DataError, UsageError } from '../../core/index.js'
import { openTable, tableFormat } from '../table/index.js'
import { declaredObjects } from './declared.js'
import type { ObjectKind, ObjectSource, OpenedObjects, OpenObjectsOptions } from './kind.js'

/**
 * Opens a file or folder of objects, by what it is: HDF5 or Arrow in the declared layout, or a foreign layout of the
 * kind.
 *
 * @throws DataError where it is none of them
 */
export async function openObjects<T, O extends object>(
  kind: ObjectKind<T, O>,
  path: string,
  options: OpenObjectsOptions & Partial<O> = {},
): Promise<ObjectSource<T>> {
  const found = statSync(path, { throwIfNoEntry: false })
  const refuse = (got: string) => new DataError(`expected ${kind.noun} at ${path}`, got, 'check the path')
  if (!found) throw refuse('got no such file')
  requireReadable(path)
  const layout = kind.foreign?.find(layout => layout.opens(path))
  if (!layout && found.isDirectory()) throw refuse('got a folder')
  const { format, objects } = layout
    ? { format: layout.format, objects: await layout.open(path, options) }
    : await openDeclared(kind, path, options)
  return { ...cut(kind, objects, options.maxPoints), kind, path, format }
}

async function openDeclared<T, O extends object>(
  kind: ObjectKind<T, O>,
  path: string,
  options: OpenObjectsOptions & Partial<O>,
): Promise<{ readonly format: string; readonly objects: OpenedObjects<T> }> {
  const found = tableFormat(path)
  const table = await openTable(path, found === 'arrow' || found === 'csv' ? found : 'hdf5', kind.columns[0].name)
  try {
    for (const { format, view } of kind.views ?? []) {
      const seen = view(table)
      if (seen) return { format, objects: await declaredObjects(kind, seen, options) }
    }
    return { format: table.format, objects: await declaredObjects(kind, table, options) }
  } catch (error) {
    table.close()
    throw error
  }
}

function requireReadable(path: string): void {
  try {
    accessSync(path, constants.R_OK)
  } catch (error) {
    const expected = `expected a readable file at ${path}`
    throw new DataError(expected, 'got no permission to read it', 'check its permissions', { cause: error })
  }
}

function cut<T>(kind: ObjectKind<T>, objects: OpenedObjects<T>, maxPoints?: number): OpenedObjects<T> {
  if (maxPoints === undefined || !kind.take) return objects
  const { take } = kind
  async function* read(from: number, to: number, signal?: AbortSignal): AsyncGenerator<T> {
    for await (const object of objects.read(from, to, signal)) yield take(object, maxPoints ?? 0)
  }
  return { ...objects, mostPoints: Math.min(objects.mostPoints, maxPoints), read }
}

/**
 * Opens files and folders of one design: the same parameters, the same shared values. Where one fails, those before it
 * are closed.
 *
 * @throws UsageError for no file, DataError where they do not agree
 */
export async function openAllObjects<T, O extends object>(
  kind: ObjectKind<T, O>,
  paths: string | readonly string[],
  options: OpenObjectsOptions & Partial<O> = {},
): Promise<ObjectSource<T>[]> {
  const list = typeof paths === 'string' ? [paths] : paths
  if (list.length === 0)
    throw new UsageError(`expected at least one file of ${kind.noun}`, 'got none', 'name one by --data')
  const sources: ObjectSource<T>[] = []
  try {
    for (const path of list) {
      const source = await openObjects(kind, path, options)
      sources.push(source)
      requireSame(kind, sources[0], source)
    }
    return sources
  } catch (error) {
    closeAll(sources)
    throw error
  }
}

function requireSame<T>(kind: ObjectKind<T>, first: ObjectSource<T>, other: ObjectSource<T>): void {
  const alike = (what: string, of: (source: ObjectSource<T>) => string) => {
    const [wanted, found] = [of(first), of(other)]
    if (wanted === found) return
    throw new DataError(
      `expected the ${what} ${wanted} of ${first.path}`,
      `got ${found} in ${other.path}`,
      'give files of one design',
    )
  }
  alike('parameters', ({ names }) => names.join(', ') || 'none')
  for (const { name, property, text } of kind.shared ?? []) alike(name, ({ attributes }) => text(attributes[property]))
}

export function closeAll(sources: readonly { close(): void }[]): void {
  for (const source of sources) source.close()
}
