import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { DataError } from '../../core/index.js'

/** The signature may lie at 0, 512, 1024, 2048 … (a user block before it). */
export function requireHdf5(path: string): void {
  const size = statSync(path, { throwIfNoEntry: false })
  if (!size) throw new DataError(`expected an HDF5 file at ${path}`, 'got no file', 'check the path')
  if (!size.isFile()) throw new DataError(`expected an HDF5 file at ${path}`, 'got a folder', 'name a file')
  const descriptor = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(8)
    for (let at = 0; at + 8 <= size.size; at = at === 0 ? 512 : 2 * at) {
      readSync(descriptor, bytes, 0, 8, at)
      if (bytes.equals(signature)) return
    }
  } finally {
    closeSync(descriptor)
  }
  throw new DataError(
    `expected an HDF5 file at ${path}`,
    'got another format (no HDF5 signature)',
    'check the file, or name its format by the ending',
  )
}

const signature = Buffer.from([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a])
