import { access, constants, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { UsageError } from '../../core/errors.js'

/**
 * Asked before the work begins, so that hours are not lost at the last write.
 *
 * @throws UsageError where something is at `path` and `force` is false, or where no file can be made there
 */
export async function refuseOverwrite(path: string, force: boolean): Promise<void> {
  const there = await stat(path).catch(() => undefined)
  if (there?.isDirectory())
    throw new UsageError('expected --out to be a file', `got the folder ${path}`, 'give the path of a file')
  // A device such as /dev/full is no result that could be lost.
  if (there?.isFile() && !force) {
    throw new UsageError('expected --out to be new', `got ${path}, which exists`, 'choose another path or pass --force')
  }
  const folder = dirname(resolve(path))
  const parent = await stat(folder).catch(() => undefined)
  if (!parent?.isDirectory())
    throw new UsageError('expected the folder of --out to exist', `got ${folder}, which does not`, 'make it first')
  try {
    await access(folder, constants.W_OK)
  } catch (error) {
    throw new UsageError('expected a folder that can be written to', `got ${folder}, which cannot`, 'choose another --out', {
      cause: error,
    })
  }
}
