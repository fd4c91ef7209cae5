import { extname } from 'node:path'
import { UsageError } from '../../core/index.js'
import { tableFormat } from '../table/index.js'
import type { ObjectKind, WriteForeignOptions } from './kind.js'
import { openObjects } from './open.js'
import { writeObjects } from './write.js'

/**
 * Converts by way of checked objects: from the layouts of others, and into them.
 *
 * @returns how many objects there were, and what the target has no place for
 * @throws UsageError where the kind is not written with this ending
 */
export async function convertObjects<T>(
  kind: ObjectKind<T>,
  from: string,
  to: string,
  options: WriteForeignOptions,
): Promise<{ readonly rows: number; readonly leftOut: readonly string[] }> {
  const ending = extname(to).toLowerCase()
  const layout = kind.foreign?.find(({ writes }) => writes === ending)
  const format = tableFormat(to)
  if (!layout?.write && format !== 'hdf5' && format !== 'arrow') {
    const others = kind.foreign?.flatMap(({ writes }) => writes ?? []) ?? []
    const endings = ['.h5', '.arrow', ...others].join(' or ')
    throw new UsageError(`expected ${endings} for ${from}`, `got ${to}`, 'convert to .h5 first')
  }
  const source = await openObjects(kind, from)
  try {
    const rows = source.count
    if (layout?.write) return { rows, leftOut: await layout.write(to, source, options) }
    const objects = source.read(0, rows, options.signal)
    await writeObjects(kind, to, objects, { seed: 0, points: source.mostPoints, force: options.force })
    return { rows, leftOut: [] }
  } finally {
    source.close()
  }
}
