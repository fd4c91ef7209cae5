import { closeSync, openSync } from 'node:fs'
import { UsageError } from '../../core/index.js'
import {
  moveIntoPlace,
  refuseOverwrite,
  removeQuietly,
  temporaryBeside,
  writeAtomic,
  writeError,
  writeFully,
} from '../atomic.js'
import { type NumericArray, sizeOf } from '../columns.js'
import { type NpyDtype, npyArrays, npyHeader } from './header.js'

/** Writes version 1.0, C order, aligned to 64 bytes as NumPy does: the same values give the same bytes. */
export function writeNpy(path: string, values: NumericArray, shape: readonly number[] = [values.length]): void {
  if (sizeOf(shape) !== values.length) {
    throw new UsageError(
      `expected ${sizeOf(shape)} values for shape [${shape}]`,
      `got ${values.length}`,
      'correct the shape',
    )
  }
  const dtype = (Object.keys(npyArrays) as NpyDtype[]).find(name => values instanceof npyArrays[name])!
  const header = npyHeader(dtype, shape)
  writeAtomic(path, [header, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)])
}

export interface NpyWriter {
  /** Values of the announced type, in row-major order */
  append(values: NumericArray): void
  close(): void
  discard(): void
}

/** A NumPy file whose shape is known and whose values come piece by piece; it appears at `path` with `close`. */
export function createNpy(
  path: string,
  dtype: Exclude<NpyDtype, 'b1'>,
  shape: readonly number[],
  force = false,
): NpyWriter {
  refuseOverwrite(path, force)
  const temporary = temporaryBeside(path)
  let left = sizeOf(shape)
  let descriptor: number | undefined
  const discard = (): void => {
    if (descriptor === undefined) return
    closeSync(descriptor)
    descriptor = undefined
    removeQuietly(temporary)
  }
  const write = (bytes: Uint8Array): void => {
    try {
      descriptor ??= openSync(temporary, 'wx')
      writeFully(descriptor, bytes)
    } catch (error) {
      discard()
      throw writeError(path, error)
    }
  }
  write(npyHeader(dtype, shape))
  return {
    append(values) {
      if (!(values instanceof npyArrays[dtype]) || values.length > left) {
        throw new UsageError(
          `expected at most ${left} more values of ${dtype} for ${path}`,
          `got ${values.length}`,
          'correct the shape',
        )
      }
      write(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
      left -= values.length
    },
    close() {
      if (left !== 0) {
        discard()
        throw new UsageError(`expected ${sizeOf(shape)} values for ${path}`, `got ${left} fewer`, 'correct the shape')
      }
      if (descriptor !== undefined) closeSync(descriptor)
      descriptor = undefined
      moveIntoPlace(temporary, path)
    },
    discard,
  }
}
