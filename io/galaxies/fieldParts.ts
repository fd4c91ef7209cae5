import { DataError } from '../../core/index.js'
import { openPartFiles, type Parts, type PartsIdentity } from '../parts.js'
import type { StoredTensor } from '../safetensors.js'
import type { Field } from './field.js'
import { createFields, type WriteFieldsOptions } from './writeFields.js'

/**
 * Finished fields in parts. A field depends on its number alone, so the file made at the end is that of an
 * uninterrupted call.
 */
export interface FieldParts extends Pick<Parts, 'folder' | 'has' | 'remove'> {
  /** @param facts small numbers that belong to the field, as evaluations made */
  write(index: number, field: Field, facts?: Readonly<Record<string, number>>): void
  read(index: number): { readonly field: Field; readonly facts: Readonly<Record<string, number>> }
  /**
   * Fields `0 … count - 1` as one file at OUT, padded to the largest unless told otherwise; then the parts go. Stops at
   * an abort, the parts left.
   */
  join(count: number, options: WriteFieldsOptions, signal?: AbortSignal): Promise<void>
}

/** Opens the fields that are there of the result at `out`; see `openPartFiles`. */
export function openParts(
  out: string,
  identity: PartsIdentity,
  options: { readonly resume: boolean; readonly force: boolean },
): FieldParts {
  const parts = openPartFiles(out, identity, options)
  const { folder, has, remove } = parts
  const read = (index: number) => readPart(parts, index)
  return {
    folder,
    has,
    read,
    remove,
    write: (index, field, facts = {}) => writePart(parts, index, field, facts),
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
  }
}

function writePart(parts: Parts, index: number, field: Field, facts: Readonly<Record<string, number>>): void {
  const { points, positions, velocities, logMass, box, theta } = field
  const tensors: Record<string, StoredTensor> = { positions: { shape: [points, 3], values: positions } }
  if (velocities) tensors.velocities = { shape: [points, 3], values: velocities }
  if (logMass) tensors.log_mass = { shape: [points], values: logMass }
  parts.write(index, tensors, { field: JSON.stringify({ box, theta, facts }) })
}

function readPart(parts: Parts, index: number): ReturnType<FieldParts['read']> {
  const { tensors, metadata } = parts.read(index)
  const floats = (name: string) => tensors[name]?.values as Float32Array | undefined
  const positions = floats('positions')
  if (!positions || metadata.field === undefined) {
    throw new DataError(`expected a field in ${parts.pathOf(index)}`, 'got other tensors', 'begin again by --force')
  }
  const { box, theta, facts } = JSON.parse(metadata.field) as Pick<Field, 'box' | 'theta'> & {
    facts: Record<string, number>
  }
  const points = positions.length / 3
  return {
    field: { points, positions, velocities: floats('velocities'), logMass: floats('log_mass'), box, theta },
    facts,
  }
}
