import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DataError, type Field, messageOf, UsageError } from '../../core/index.js'
import { writeAtomic } from '../atomic.js'
import { readSafetensors, type StoredTensor, writeSafetensors } from '../safetensors.js'
import { createFields, type WriteFieldsOptions } from './writeFields.js'

const requestName = 'request.json'

/** What, beside the number of fields, has to be the same for fields of two calls to belong together: plain JSON values by name. */
export type PartsIdentity = Readonly<Record<string, unknown>>

/**
 * Finished fields of a long command, each whole in a file of its own in the folder `OUT.part`, until all are there: what a command that
 * was interrupted, or killed, goes on from. A field depends on its number alone, so the file made at the end is that of an uninterrupted call.
 */
export interface FieldParts {
  readonly folder: string
  has(index: number): boolean
  /** @param facts small numbers that belong to the field, as evaluations made */
  write(index: number, field: Field, facts?: Readonly<Record<string, number>>): void
  read(index: number): { readonly field: Field; readonly facts: Readonly<Record<string, number>> }
  /** Fields `0 … count - 1` as one file at OUT, padded to the largest unless told otherwise; then the parts go. Stops at an abort, the parts left. */
  join(count: number, options: WriteFieldsOptions, signal?: AbortSignal): Promise<void>
  /** Takes the parts away */
  remove(): void
}

/** Where the parts of a result lie. */
export function partsFolder(out: string): string {
  return `${out}.part`
}

/**
 * Opens the parts of the result at `out`. With `resume` those that are there are gone on with; with `force` they are taken away.
 *
 * @throws UsageError where parts are there and neither was asked for, or where they are those of another request
 */
export function openParts(
  out: string,
  identity: PartsIdentity,
  options: { readonly resume: boolean; readonly force: boolean },
): FieldParts {
  const folder = partsFolder(out)
  const request = join(folder, requestName)
  if (existsSync(folder)) {
    if (options.resume) requireSame(request, identity)
    else if (options.force) removeParts(folder)
    else {
      throw new UsageError(
        'expected no unfinished run beside --out',
        `got ${folder}`,
        'go on with it by --resume, or begin again by --force',
      )
    }
  }
  const pathOf = (index: number) => join(folder, `${String(index).padStart(6, '0')}.safetensors`)
  const remove = () => removeParts(folder)
  const read = (index: number) => readPart(pathOf(index))
  return {
    folder,
    has: index => existsSync(pathOf(index)),
    read,
    write(index, field, facts = {}) {
      if (!existsSync(request)) {
        mkdirSync(folder, { recursive: true })
        writeAtomic(request, `${JSON.stringify(identity, null, 2)}\n`)
      }
      writePart(pathOf(index), field, facts)
    },
    async join(count, writing, signal) {
      let points = writing.points ?? 0
      if (writing.points === undefined) for (let i = 0; i < count; i++) points = Math.max(points, read(i).field.points)
      const file = await createFields(out, { ...writing, points })
      try {
        for (let i = 0; i < count; i++) {
          signal?.throwIfAborted()
          file.append(read(i).field)
        }
        file.close()
      } finally {
        file.discard()
      }
      remove()
    },
    remove,
  }
}

/** One that was killed before its first field has left no request: nothing is lost in beginning again. */
function requireSame(path: string, identity: PartsIdentity): void {
  if (!existsSync(path)) return
  let stored: PartsIdentity
  try {
    stored = JSON.parse(readFileSync(path, 'utf8')) as PartsIdentity
  } catch (error) {
    throw new DataError(`expected JSON in ${path}`, `got ${messageOf(error)}`, 'begin again by --force', { cause: error })
  }
  const asked = JSON.parse(JSON.stringify(identity)) as PartsIdentity
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

/** Takes away what we put there, and the folder if nothing else is in it. */
function removeParts(folder: string): void {
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder))
    if (name === requestName || /^\d{6,}\.safetensors$/.test(name) || name.endsWith('.partial')) rmSync(join(folder, name))
  if (readdirSync(folder).length === 0) rmdirSync(folder)
}

function writePart(path: string, field: Field, facts: Readonly<Record<string, number>>): void {
  const { points, positions, velocities, logMass, box, theta } = field
  const tensors: Record<string, StoredTensor> = { positions: { shape: [points, 3], values: positions } }
  if (velocities) tensors.velocities = { shape: [points, 3], values: velocities }
  if (logMass) tensors.log_mass = { shape: [points], values: logMass }
  writeSafetensors(path, tensors, { field: JSON.stringify({ box, theta, facts }) })
}

function readPart(path: string): ReturnType<FieldParts['read']> {
  const { tensors, metadata } = readSafetensors(path)
  const floats = (name: string) => tensors[name]?.values as Float32Array | undefined
  const positions = floats('positions')
  if (!positions || metadata.field === undefined) {
    throw new DataError(`expected a field in ${path}`, 'got other tensors', 'begin again by --force')
  }
  const { box, theta, facts } = JSON.parse(metadata.field) as Pick<Field, 'box' | 'theta'> & {
    facts: Record<string, number>
  }
  const points = positions.length / 3
  return { field: { points, positions, velocities: floats('velocities'), logMass: floats('log_mass'), box, theta }, facts }
}
