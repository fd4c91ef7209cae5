import * as objects from '../objects/index.js'
import type { Dwarf } from './dwarf.js'
import { dwarfs } from './dwarfs.js'

/** @deprecated use `ObjectSource<Dwarf>` */
export interface DwarfSource extends objects.ObjectSource<Dwarf> {
  readonly prior?: unknown
}

function withPrior(source: objects.ObjectSource<Dwarf>): DwarfSource {
  return { ...source, prior: source.attributes.prior }
}

/** @deprecated use `openObjects(dwarfs, ...)` */
export async function openDwarfs(path: string): Promise<DwarfSource> {
  return withPrior(await objects.openObjects(dwarfs, path))
}

/** @deprecated use `readObjects(dwarfs, ...)` */
export function readDwarfs(
  paths: string | readonly string[],
  options?: objects.ReadObjectsOptions,
): AsyncGenerator<Dwarf> {
  return objects.readObjects(dwarfs, paths, options)
}

/** @deprecated use `ObjectChunks<Dwarf>` with its sources */
export interface DwarfChunks extends objects.ObjectChunks<Dwarf> {
  readonly names: readonly string[]
  readonly totalStars: number
  readonly maxStars: number
  readonly membership: boolean
  readonly sources: readonly DwarfSource[]
}

/** @deprecated use `chunksOf(await openAllObjects(dwarfs, ...))` */
export async function openDwarfChunks(paths: string | readonly string[], chunkSize?: number): Promise<DwarfChunks> {
  const sources = (await objects.openAllObjects(dwarfs, paths)).map(withPrior)
  return {
    ...objects.chunksOf(sources, chunkSize),
    names: sources[0].names,
    totalStars: sources.reduce((sum, { totalPoints }) => sum + totalPoints, 0),
    maxStars: Math.max(...sources.map(({ mostPoints }) => mostPoints)),
    membership: sources.some(({ columns }) => columns.includes('membership')),
    sources,
  }
}

/** @deprecated use `createObjects(dwarfs, ...)` */
export function createDwarfs(path: string, options: objects.WriteObjectsOptions): Promise<objects.ObjectWriter<Dwarf>> {
  return objects.createObjects(dwarfs, path, options)
}

/** @deprecated use `PartFacts` of io/objects */
export type PartFacts = objects.PartFacts

/** @deprecated use `ObjectParts<Dwarf>` */
export interface DwarfParts extends Omit<objects.ObjectParts<Dwarf>, 'join'> {
  join(
    count: number,
    options: objects.WriteObjectsOptions,
    closing: (sums: PartFacts) => objects.WriteObjectsOptions['attributes'],
    signal?: AbortSignal,
  ): Promise<PartFacts>
}

/** @deprecated use `openParts(dwarfs, ...)` */
export function openDwarfParts(
  out: string,
  identity: object,
  options: { readonly resume: boolean; readonly force: boolean },
): DwarfParts {
  const parts = objects.openParts(dwarfs, out, identity, options)
  return { ...parts, join: (count, writing, closing, signal) => parts.join(count, { ...writing, closing }, signal) }
}
