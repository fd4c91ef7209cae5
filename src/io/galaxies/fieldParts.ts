import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DataError, type Field, messageOf, UsageError } from '../../core/index.js'
import { writeAtomic } from '../atomic.js'
import { readSafetensors, type StoredTensor, writeSafetensors } from '../safetensors.js'
import { createFields, type WriteFieldsOptions } from './writeFields.js'

/** What, beside the number of fields, has to be the same for fields of two calls to belong together: plain JSON values by name. */
export type PartsIdentity = Readonly<Record<string, unknown>>

/**
 * Finished fields of a long command, each whole in a file of its own in the folder `OUT.parts`, until all are there: what a command that
 * was interrupted, or killed, goes on from. A field depends on its number alone, so the file made at the end is that of an uninterrupted call.
 */
export interface FieldParts {
  readonly folder: string
  has(index: number): boolean
  /** @param facts small numbers that belong to the field, as evaluations made */
  write(index: number, field: Field, facts?: Readonly<Record<string, number>>): void
  read(index: number): { readonly field: Field; readonly facts: Readonly<Record<string, number>> }
  /** Fields `0 … count - 1` as one file at OUT, padded to the largest unless told otherwise; then the parts go. */
  join(count: number, options: WriteFieldsOptions): Promise<void>
  /** Takes the parts away */
  remove(): void
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
  const folder = `${out}.parts`
  const request = join(folder, 'request.json')
  if (existsSync(folder)) {
    if (options.resume) requireSame(request, identity)
    else if (options.force) rmSync(folder, { recursive: true, force: true })
    else {
      throw new UsageError(
        `expected no interrupted work for ${out}`,
        `got finished fields in ${folder}`,
        'pass --resume to go on, --force to begin again',
      )
    }
  }
  const pathOf = (index: number) => join(folder, `${String(index).padStart(6, '0')}.safetensors`)
  const remove = () => rmSync(folder, { recursive: true, force: true })
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
    async join(count, writing) {
      let points = writing.points ?? 0
      if (writing.points === undefined) for (let i = 0; i < count; i++) points = Math.max(points, read(i).field.points)
      const file = await createFields(out, { ...writing, points })
      try {
        for (let i = 0; i < count; i++) file.append(read(i).field)
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
    throw new DataError(`expected JSON in ${path}`, `got ${messageOf(error)}`, 'begin again with --force', { cause: error })
  }
  const asked = JSON.parse(JSON.stringify(identity)) as PartsIdentity
  for (const key of new Set([...Object.keys(stored), ...Object.keys(asked)])) {
    const [a, b] = [JSON.stringify(asked[key]), JSON.stringify(stored[key])]
    if (a === b) continue
    throw new UsageError(
      `expected ${key} = ${b ?? 'none'}, as the fields in ${path} were begun`,
      `got ${a ?? 'none'}`,
      'resume with the same options, or choose another --out',
    )
  }
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
    throw new DataError(`expected a field in ${path}`, 'got other tensors', 'begin again with --force')
  }
  const { box, theta, facts } = JSON.parse(metadata.field) as Pick<Field, 'box' | 'theta'> & {
    facts: Record<string, number>
  }
  const points = positions.length / 3
  return { field: { points, positions, velocities: floats('velocities'), logMass: floats('log_mass'), box, theta }, facts }
}
