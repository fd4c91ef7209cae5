import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { DataError } from '../../core/index.js'
import { stopIfAborted, yieldToEventLoop } from '../eventLoop.js'

/**
 * A friends-of-friends catalogue as P-FoF (Gadget) writes it and Pylians' `readfof` reads it:
 * `groups_SSS/group_tab_SSS.0`, `.1` … Each file has a head (i32 groups here, i32 groups in all, i32 particles here,
 * u64 particles in all, u32 files) and then, one array after the other for its groups: i32 length, i32 offset, f32
 * mass, f32[3] position, f32[3] velocity, f32[6] length by type, f32[6] mass by type, and, in simulations with stars,
 * f32 star formation rate.
 */
export interface FofCatalogue {
  readonly groups: number
  /** Number of particles `[groups]` */
  readonly length: Int32Array
  /** 1e10 Msun/h `[groups]` */
  readonly mass: Float32Array
  /** kpc/h `[groups, 3]` */
  readonly position: Float32Array
  /** km/s, to be multiplied by 1 + z for the peculiar velocity `[groups, 3]` */
  readonly velocity: Float32Array
}

const headBytes = 24
const groupBytes = 84
/** More files than this is a number read in the wrong byte order. */
const mostFiles = 1 << 15

/**
 * Reads the catalogue of one snapshot of one realisation. Memory: 32 bytes a group (Quijote: some 400,000 groups).
 *
 * @param folder    the realisation's folder, which holds `groups_SSS`
 * @param snapshot  SSS as a number; in most of Quijote 4 is z = 0
 * @throws DataError where files are missing, cut short or contradict each other
 */
export async function readFofCatalogue(folder: string, snapshot: number, signal?: AbortSignal): Promise<FofCatalogue> {
  const first = readHead(tabPath(folder, snapshot, 0))
  const groups = first.allGroups
  const out = {
    groups,
    length: new Int32Array(groups),
    mass: new Float32Array(groups),
    position: new Float32Array(3 * groups),
    velocity: new Float32Array(3 * groups),
  }
  let at = 0
  for (let part = 0; part < first.files; part++) {
    stopIfAborted(signal)
    const head = readHead(tabPath(folder, snapshot, part))
    if (head.allGroups !== groups || head.files !== first.files || at + head.groups > groups) {
      const got = `${head.groups} of ${head.allGroups} groups in ${head.files} files`
      throw new DataError(
        `expected ${groups} groups in ${first.files} files as in part 0 of ${folder}`,
        `got ${got} in part ${part}`,
        'fetch it again',
      )
    }
    readPart(head, out, at)
    at += head.groups
    await yieldToEventLoop()
  }
  if (at !== groups) throw new DataError(`expected ${groups} groups in ${folder}`, `got ${at}`, 'fetch it again')
  return out
}

export function tabPath(folder: string, snapshot: number, part: number): string {
  const number = String(snapshot).padStart(3, '0')
  return join(folder, `groups_${number}`, `group_tab_${number}.${part}`)
}

interface Head {
  readonly path: string
  readonly littleEndian: boolean
  readonly groups: number
  readonly allGroups: number
  readonly files: number
}

/** Number of groups a catalogue announces, without reading it. */
export function countFofGroups(folder: string, snapshot: number): number {
  return readHead(tabPath(folder, snapshot, 0)).allGroups
}

function readHead(path: string): Head {
  if (!existsSync(path))
    throw new DataError(`expected a friends-of-friends catalogue at ${path}`, 'got no file', 'fetch all parts of it')
  const descriptor = openSync(path, 'r')
  try {
    const size = fstatSync(descriptor).size
    const bytes = Buffer.alloc(headBytes)
    readSync(descriptor, bytes, 0, headBytes, 0)
    const view = new DataView(bytes.buffer, bytes.byteOffset)
    for (const littleEndian of [true, false]) {
      const [groups, allGroups, files] = [0, 4, 20].map(at => view.getInt32(at, littleEndian))
      const body = size - headBytes
      const fits = body === groups * groupBytes || body === groups * (groupBytes + 4)
      if (size >= headBytes && fits && groups >= 0 && allGroups >= groups && files > 0 && files <= mostFiles) {
        return { path, littleEndian, groups, allGroups, files }
      }
    }
    const wanted = headBytes + view.getInt32(0, true) * groupBytes
    throw new DataError(
      `expected ${wanted} bytes in ${path} by its own head`,
      `got ${size}`,
      'fetch it again, for it may have been cut short',
    )
  } finally {
    closeSync(descriptor)
  }
}

function readPart(head: Head, out: FofCatalogue, at: number): void {
  const { groups, littleEndian } = head
  const descriptor = openSync(head.path, 'r')
  try {
    const block = (words: number, skip: number): DataView => {
      const bytes = new Uint8Array(4 * words * groups)
      for (let got = 0; got < bytes.length; ) {
        const read = readSync(descriptor, bytes, got, bytes.length - got, headBytes + 4 * skip * groups + got)
        if (read === 0)
          throw new DataError(`expected ${bytes.length} more bytes in ${head.path}`, `got ${got}`, 'fetch it again')
        got += read
      }
      return new DataView(bytes.buffer)
    }
    const length = block(1, 0)
    for (let i = 0; i < groups; i++) out.length[at + i] = length.getInt32(4 * i, littleEndian)
    copyFloats(block(1, 2), out.mass, at, littleEndian)
    copyFloats(block(3, 3), out.position, 3 * at, littleEndian)
    copyFloats(block(3, 6), out.velocity, 3 * at, littleEndian)
  } finally {
    closeSync(descriptor)
  }
}

function copyFloats(from: DataView, to: Float32Array, at: number, littleEndian: boolean): void {
  for (let i = 0; i < from.byteLength / 4; i++) to[at + i] = from.getFloat32(4 * i, littleEndian)
}
