import { DataError } from '../../core/index.js'
import type { NumericArray } from '../columns.js'
import { openPartFiles, type Parts, type PartsIdentity } from '../parts.js'
import type { StoredTensor, TensorValues } from '../safetensors.js'
import { isRagged, type TableBatch, type TableValues } from '../table/index.js'
import { type Design, designOf, requireDesign } from './design.js'
import type { ObjectKind } from './kind.js'
import { pack, unpack } from './pack.js'
import { createObjects, type WriteObjectsOptions } from './write.js'

/** Small numbers that belong to the objects of a part and add up over the parts, as draws that were rejected. */
export type PartFacts = Readonly<Record<string, number>>

/**
 * Finished blocks of objects beside a result, until all are there. An object depends on its number alone, so the file
 * made at the end is that of a command that was not interrupted.
 */
export interface ObjectParts<T> extends Pick<Parts, 'folder' | 'has' | 'remove'> {
  write(index: number, objects: readonly T[], facts?: PartFacts): void
  /** @throws DataError where the part is cut short or holds something else */
  read(index: number): { readonly objects: T[]; readonly facts: PartFacts }
  /**
   * The objects of parts `0 … count - 1` as one file at OUT, padded to the largest where no `points` are given; then
   * the parts are removed. At an abort it stops, and the parts stay. Memory: a part.
   *
   * @returns the sums of the parts' facts
   */
  join(count: number, options: JoinPartsOptions, signal?: AbortSignal): Promise<PartFacts>
}

export interface JoinPartsOptions extends WriteObjectsOptions {
  /** More attributes of the file, from the sums of the parts' facts */
  closing?(sums: PartFacts): WriteObjectsOptions['attributes']
}

/** What a part says beside its tensors. */
interface PartHead {
  readonly design: Pick<Design, 'names' | 'shared'>
  readonly mostPoints: number
  readonly facts: PartFacts
}

/** Opens the objects that are there of the result at `out`; see `openPartFiles`. */
export function openParts<T>(
  kind: ObjectKind<T>,
  out: string,
  identity: PartsIdentity,
  options: { readonly resume: boolean; readonly force: boolean },
): ObjectParts<T> {
  const parts = openPartFiles(out, identity, options)
  const { folder, has, remove } = parts
  return {
    folder,
    has,
    remove,
    write: (index, objects, facts = {}) => writePart(kind, parts, index, { objects, facts }),
    read: index => readPart(kind, parts, index),
    async join(count, { closing, ...writing }, signal) {
      const sums: Record<string, number> = {}
      let points = 0
      for (let index = 0; index < count; index++) {
        const { facts, mostPoints } = headOf(kind, parts, index, parts.metadata(index))
        for (const [name, value] of Object.entries(facts)) sums[name] = (sums[name] ?? 0) + value
        points = Math.max(points, mostPoints)
      }
      const attributes = { ...writing.attributes, ...closing?.(sums) }
      const file = await createObjects(kind, out, { ...writing, points: writing.points ?? points, attributes })
      try {
        for (let index = 0; index < count; index++) {
          signal?.throwIfAborted()
          for (const object of readPart(kind, parts, index).objects) file.append(object)
        }
        file.close()
      } finally {
        file.discard()
      }
      remove()
      return sums
    },
  }
}

const headName = 'objects'
const countsName = 'points_of_each'

function writePart<T>(
  kind: ObjectKind<T>,
  parts: Parts,
  index: number,
  { objects, facts }: { readonly objects: readonly T[]; readonly facts: PartFacts },
): void {
  const design = designOf(kind, objects[0])
  objects.forEach((object, i) => {
    requireDesign(kind, design, object, `${kind.one} ${i} of part ${index}`)
  })
  const { columns, rows } = pack(kind, design, objects)
  const tensors: Record<string, StoredTensor> = {}
  let counts = new Int32Array(rows)
  for (const { name } of design.columns) {
    const column = columns[name]
    const values = (isRagged(column) ? column.values : column) as TensorValues
    tensors[name] = { shape: [values.length], values }
    if (isRagged(column)) counts = counts.map((_, row) => column.offsets[row + 1] - column.offsets[row])
  }
  const { names, shared } = design
  const head: PartHead = { design: { names, shared }, mostPoints: counts.reduce((a, b) => Math.max(a, b), 0), facts }
  tensors[countsName] = { shape: [rows], values: counts }
  parts.write(index, tensors, { [headName]: JSON.stringify(head) })
}

function readPart<T>(kind: ObjectKind<T>, parts: Parts, index: number): ReturnType<ObjectParts<T>['read']> {
  const { tensors, metadata } = parts.read(index)
  const { design, facts } = headOf(kind, parts, index, metadata)
  const counts = tensors[countsName]?.values
  if (!(counts instanceof Int32Array)) throw noObjects(kind, parts, index)
  const rows = counts.length
  const offsets = new Float64Array(rows + 1)
  counts.forEach((points, row) => {
    offsets[row + 1] = offsets[row] + points
  })
  const columns = kind.columns.filter(({ name }) => tensors[name] !== undefined)
  const values = columns.map(({ name, shape }): [string, TableValues] => {
    const stored: NumericArray = tensors[name].values
    return [name, shape === 'point' ? { values: stored, offsets } : stored]
  })
  const batch: TableBatch = { start: 0, rows, columns: Object.fromEntries(values) }
  const where = (row: number) => `${parts.pathOf(index)}, ${kind.one} ${row}`
  return { objects: [...unpack(kind, { ...design, columns }, batch, { from: 0, to: rows, where })], facts }
}

function headOf<T>(
  kind: ObjectKind<T>,
  parts: Parts,
  index: number,
  metadata: Readonly<Record<string, string>>,
): PartHead {
  if (metadata[headName] === undefined) throw noObjects(kind, parts, index)
  return JSON.parse(metadata[headName]) as PartHead
}

function noObjects<T>(kind: ObjectKind<T>, parts: Parts, index: number): DataError {
  const expected = `expected ${kind.noun} in ${parts.pathOf(index)}`
  return new DataError(expected, 'got other tensors', 'begin again by --force')
}
