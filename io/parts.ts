import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DataError, messageOf, UsageError } from '../core/index.js'
import { writeAtomic } from './atomic.js'
import {
  readSafetensors,
  readSafetensorsMetadata,
  type Safetensors,
  type StoredTensor,
  writeSafetensors,
} from './safetensors.js'

const requestName = 'request.json'

/**
 * What, beside the number of parts, has to be the same for parts of two calls to belong together: plain JSON values by
 * name.
 */
export type PartsIdentity = object

/**
 * Finished parts of a long command, each whole in a file of its own in the folder `OUT.part`, until all are there. From
 * them a command that was interrupted, or killed, is resumed.
 */
export interface Parts {
  readonly folder: string
  has(index: number): boolean
  write(
    index: number,
    tensors: Readonly<Record<string, StoredTensor>>,
    metadata: Readonly<Record<string, string>>,
  ): void
  /** @throws DataError where the part is cut short */
  read(index: number): Safetensors
  /** The metadata of a part alone, without its tensors */
  metadata(index: number): Readonly<Record<string, string>>
  pathOf(index: number): string
  /** Removes the parts */
  remove(): void
}

/** The folder of a result's parts. */
export function partsFolder(out: string): string {
  return `${out}.part`
}

/**
 * Opens the parts of the result at `out`. With `resume` those that are there are kept; with `force` they are removed.
 *
 * @throws UsageError where parts are there and neither was asked for, or where they are those of another request
 */
export function openPartFiles(
  out: string,
  identity: PartsIdentity,
  options: { readonly resume: boolean; readonly force: boolean },
): Parts {
  const folder = partsFolder(out)
  const request = join(folder, requestName)
  if (existsSync(folder)) {
    if (options.resume) requireSame(request, identity)
    else if (options.force) removeParts(folder)
    else {
      throw new UsageError(
        'expected no unfinished run beside --out',
        `got ${folder}`,
        'resume it by --resume, or begin again by --force',
      )
    }
  }
  const pathOf = (index: number) => join(folder, `${String(index).padStart(6, '0')}.safetensors`)
  return {
    folder,
    pathOf,
    has: index => existsSync(pathOf(index)),
    read: index => readSafetensors(pathOf(index)),
    metadata: index => readSafetensorsMetadata(pathOf(index)),
    write(index, tensors, metadata) {
      if (!existsSync(request)) {
        mkdirSync(folder, { recursive: true })
        writeAtomic(request, `${JSON.stringify(identity, null, 2)}\n`)
      }
      writeSafetensors(pathOf(index), tensors, metadata)
    },
    remove: () => removeParts(folder),
  }
}

/** A command that was killed before its first part has left no request: nothing is lost by beginning again. */
function requireSame(path: string, identity: PartsIdentity): void {
  if (!existsSync(path)) return
  let stored: Readonly<Record<string, unknown>>
  try {
    stored = JSON.parse(readFileSync(path, 'utf8')) as Readonly<Record<string, unknown>>
  } catch (error) {
    throw new DataError(`expected JSON in ${path}`, `got ${messageOf(error)}`, 'begin again by --force', {
      cause: error,
    })
  }
  const asked = JSON.parse(JSON.stringify(identity)) as Readonly<Record<string, unknown>>
  for (const name of new Set([...Object.keys(stored), ...Object.keys(asked)])) {
    const [now, then] = [JSON.stringify(asked[name]) ?? 'none', JSON.stringify(stored[name]) ?? 'none']
    if (now === then) continue
    const short = now.length + then.length < 80
    throw new UsageError(
      `expected the ${name}${short ? ` ${then}` : ''} of the run to be resumed`,
      `got ${short ? now : 'others'}`,
      'resume with the same options, or begin again by --force',
    )
  }
}

/** Removes what we put there, and the folder if nothing else is in it. */
function removeParts(folder: string): void {
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder))
    if (name === requestName || /^\d{6,}\.safetensors$/.test(name) || name.endsWith('.partial'))
      rmSync(join(folder, name))
  if (readdirSync(folder).length === 0) rmdirSync(folder)
}
