import { access, constants, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { UsageError } from '../../core/errors.js'

/**
 * Asked before the work begins, so that hours are not lost at the last write. Folders on the way are made by the
 * writer.
 *
 * @throws UsageError where a result is at `path` and `force` is false, where a folder or a device is there (a rename
 *   would put a file in its place), and where the folder cannot be written to
 */
export async function refuseOverwrite(path: string, force: boolean): Promise<void> {
  const there = await stat(path).catch(() => undefined)
  if (there && !there.isFile()) {
    const kind = there.isDirectory() ? 'folder' : 'device'
    throw new UsageError('expected --out to be a file', `got the ${kind} ${path}`, 'give the path of a file')
  }
  if (there && !force) {
    throw new UsageError('expected --out to be new', `got ${path}, which exists`, 'choose another path or pass --force')
  }
  const folder = dirname(resolve(path))
  const parent = await stat(folder).catch(() => undefined)
  if (parent && !parent.isDirectory()) {
    throw new UsageError('expected --out to lie in a folder', `got the file ${folder}`, 'choose another path')
  }
  try {
    if (parent) await access(folder, constants.W_OK)
  } catch (error) {
    throw new UsageError(
      'expected a folder that can be written to',
      `got ${folder}, which cannot`,
      'choose another --out',
      {
        cause: error,
      },
    )
  }
}
