import { DataError } from '../../core/index.js'
import type { AttributeInput } from '../hdf5/index.js'
import { openPartFiles, type Parts, type PartsIdentity } from '../parts.js'
import type { StoredTensor } from '../safetensors.js'
import type { Dwarf } from './dwarf.js'
import { createDwarfs, type WriteDwarfsOptions } from './writeDwarfs.js'

/** Small numbers that belong to the galaxies of a part and add up over the parts, as draws rejected. */
export type PartFacts = Readonly<Record<string, number>>

/** Finished galaxies in parts of many: they are small, and a file each would cost more than their stars. */
export interface DwarfParts extends Pick<Parts, 'folder' | 'has' | 'remove'> {
  write(index: number, dwarfs: readonly Dwarf[], facts: PartFacts): void
  read(index: number): { readonly dwarfs: readonly Dwarf[]; readonly facts: PartFacts }
  /**
   * The galaxies of parts `0 … count - 1` as one file at OUT; then the parts go. Stops at an abort, the parts left.
   * Memory: a part.
   *
   * @param closing attributes of the file, from what the parts' facts add up to
   * @returns that sum
   */
  join(
    count: number,
    options: WriteDwarfsOptions,
    closing: (sum: PartFacts) => Readonly<Record<string, AttributeInput>>,
    signal?: AbortSignal,
  ): Promise<PartFacts>
}

/** Opens the galaxies that are there of the result at `out`; see `openPartFiles`. */
export function openDwarfParts(
  out: string,
  identity: PartsIdentity,
  options: { readonly resume: boolean; readonly force: boolean },
): DwarfParts {
  const parts = openPartFiles(out, identity, options)
  const { folder, has, remove } = parts
  const read = (index: number) => readPart(parts, index)
  return {
    folder,
    has,
    read,
    remove,
    write: (index, dwarfs, facts) => writePart(parts, index, dwarfs, facts),
    async join(count, writing, closing, signal) {
      const sum: Record<string, number> = {}
      const file = await createDwarfs(out, writing)
      try {
        for (let i = 0; i < count; i++) {
          signal?.throwIfAborted()
          const { dwarfs, facts } = read(i)
          for (const dwarf of dwarfs) file.append(dwarf)
          for (const [name, value] of Object.entries(facts)) sum[name] = (sum[name] ?? 0) + value
        }
        file.close(closing(sum))
      } finally {
        file.discard()
      }
      remove()
      return sum
    },
  }
}

function writePart(parts: Parts, index: number, dwarfs: readonly Dwarf[], facts: PartFacts): void {
  const names = Object.keys(dwarfs[0].theta)
  const stars = dwarfs.reduce((sum, dwarf) => sum + dwarf.stars, 0)
  const tensors: Record<string, StoredTensor> = {
    positions: { shape: [stars, 2], values: joined(dwarfs, dwarf => dwarf.positions) },
    velocities: { shape: [stars], values: joined(dwarfs, dwarf => dwarf.velocities) },
    velocity_errors: { shape: [stars], values: joined(dwarfs, dwarf => dwarf.velocityErrors) },
    stars: { shape: [dwarfs.length], values: Int32Array.from(dwarfs, dwarf => dwarf.stars) },
    theta: {
      shape: [dwarfs.length, names.length],
      values: Float64Array.from(dwarfs.flatMap(({ theta }) => names.map(name => theta[name]))),
    },
  }
  if (dwarfs[0].membership) {
    const none = new Float32Array()
    tensors.membership = { shape: [stars], values: joined(dwarfs, ({ membership }) => membership ?? none) }
  }
  parts.write(index, tensors, { names: JSON.stringify(names), facts: JSON.stringify(facts) })
}

function joined(dwarfs: readonly Dwarf[], column: (dwarf: Dwarf) => Float32Array): Float32Array {
  const all = new Float32Array(dwarfs.reduce((length, dwarf) => length + column(dwarf).length, 0))
  let at = 0
  for (const dwarf of dwarfs) {
    all.set(column(dwarf), at)
    at += column(dwarf).length
  }
  return all
}

function readPart(parts: Parts, index: number): ReturnType<DwarfParts['read']> {
  const { tensors, metadata } = parts.read(index)
  const floats = (name: string) => tensors[name]?.values as Float32Array | undefined
  const [positions, velocities, velocityErrors] = ['positions', 'velocities', 'velocity_errors'].map(floats)
  const counts = tensors.stars?.values as Int32Array | undefined
  const theta = tensors.theta?.values as Float64Array | undefined
  if (!positions || !velocities || !velocityErrors || !counts || !theta || metadata.names === undefined) {
    throw new DataError(`expected galaxies in ${parts.pathOf(index)}`, 'got other tensors', 'begin again by --force')
  }
  const membership = floats('membership')
  const names = JSON.parse(metadata.names) as string[]
  let to = 0
  const dwarfs = Array.from(counts, (stars, row) => {
    const from = to
    to += stars
    return {
      stars,
      positions: positions.subarray(2 * from, 2 * to),
      velocities: velocities.subarray(from, to),
      velocityErrors: velocityErrors.subarray(from, to),
      ...(membership && { membership: membership.subarray(from, to) }),
      theta: Object.fromEntries(names.map((name, p) => [name, theta[row * names.length + p]])),
    }
  })
  return { dwarfs, facts: JSON.parse(metadata.facts ?? '{}') as PartFacts }
}
