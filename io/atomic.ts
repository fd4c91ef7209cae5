import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { messageOf, UsageError, WorkError } from '../core/index.js'

/** Bytes handed to the system at once: the system call has a limit of 2 GB. */
const bytesPerWrite = 1 << 26

/**
 * Writes a file so that a reader finds the old content or all of the new, never a part: to a temporary name in the same
 * folder, then fsync, then rename.
 *
 * @param bytes  one piece, or several to be joined
 * @throws WorkError where the disk is full or the folder cannot be written; nothing is left behind
 */
export function writeAtomic(path: string, bytes: string | Uint8Array | readonly Uint8Array[]): void {
  const temporary = temporaryBeside(path)
  try {
    mkdirSync(dirname(path), { recursive: true })
    const descriptor = openSync(temporary, 'wx')
    try {
      for (const piece of piecesOf(bytes)) writeFully(descriptor, piece)
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    removeQuietly(temporary)
    throw writeError(path, error)
  }
  moveIntoPlace(temporary, path)
}

/** A name in the same folder (so that a rename is atomic) which no other process uses. */
export function temporaryBeside(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}-${randomBytes(4).toString('hex')}.partial`)
}

/** fsync, then rename: the last act of every writer that fills a temporary file by itself. */
export function moveIntoPlace(temporary: string, path: string): void {
  try {
    const descriptor = openSync(temporary, 'r+')
    try {
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    renameSync(temporary, path)
  } catch (error) {
    removeQuietly(temporary)
    throw writeError(path, error)
  }
}

/** @throws UsageError where a result already lies at `path` and `force` was not asked for */
export function refuseOverwrite(path: string, force = false): void {
  if (!force && existsSync(path)) {
    throw new UsageError(`expected no file at ${path}`, 'got an existing one', 'name another output or pass --force')
  }
}

/** Writes all of `bytes` at the descriptor's position; a system call may take only a part. */
export function writeFully(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    at += writeSync(descriptor, bytes, at, Math.min(bytesPerWrite, bytes.length - at))
  }
}

/** Removes a temporary file where there is one; the error that brought us here is the one to report. */
export function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // for example a parent that is no folder
  }
}

/** What a failed write becomes: one line that says whether the disk is full. */
export function writeError(path: string, error: unknown): Error {
  if (error instanceof WorkError || error instanceof UsageError) return error
  const code = (error as NodeJS.ErrnoException | undefined)?.code
  const full = code === 'ENOSPC' || code === 'EDQUOT'
  return new WorkError(
    `expected to write ${path}`,
    full ? 'got no space left on the disk' : `got ${messageOf(error)}`,
    full ? 'free some space and run again (nothing half-written was left)' : 'check the folder and its permissions',
    { cause: error },
  )
}

function piecesOf(bytes: string | Uint8Array | readonly Uint8Array[]): readonly Uint8Array[] {
  if (typeof bytes === 'string') return [new TextEncoder().encode(bytes)]
  return bytes instanceof Uint8Array ? [bytes] : bytes
}
