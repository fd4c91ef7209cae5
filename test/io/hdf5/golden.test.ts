import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { DataError } from '../../../src/core/index.js'
import {
  type Column,
  type Compound,
  type Hdf5File,
  type Hdf5Type,
  isNumeric,
  openHdf5,
  type Reference,
  sizeOf,
  toNumbers,
} from '../../../src/io/index.js'

const root = '../shared/data/hdf5/hdf5-json'
const skip = existsSync(root) ? false : 'no ../shared/data beside the checkout'

/** What hdf5-json writes of one object. */
interface Described {
  readonly alias?: readonly string[]
  readonly attributes?: readonly { readonly name: string; readonly shape?: Shape; readonly value?: unknown }[]
  readonly shape?: Shape
  readonly value?: unknown
  readonly links?: readonly { readonly title: string; readonly class: string; readonly h5path?: string }[]
}
interface Shape {
  readonly class: string
  readonly dims?: readonly number[]
}
interface Golden {
  readonly datasets?: Readonly<Record<string, Described>>
  readonly groups?: Readonly<Record<string, Described>>
}

/** Files whose JSON beside them tells of something else; each with the reason. */
const OTHER: Readonly<Record<string, string>> = {}

for (const name of skip
  ? []
  : readdirSync(join(root, 'hdf5')).filter(file => file.endsWith('.h5') && file !== 'notahdf5file.h5')) {
  t.test(`${name} holds what the JSON beside it says`, async t => {
    const json = join(root, 'json', name.replace('.h5', '.json'))
    const file = await openHdf5(join(root, 'hdf5', name))
    t.teardown(() => file.close())
    if (!existsSync(json) || OTHER[name]) {
      const read = await readAll(file, '/')
      t.ok(read > 0, `${read} values and attributes read (${OTHER[name] ?? 'no JSON beside it'})`)
      return
    }
    const golden = JSON.parse(readFileSync(json, 'utf8')) as Golden
    const paths = pathsById(golden)
    for (const [id, described] of Object.entries({ ...golden.datasets, ...golden.groups })) {
      const path = paths.get(id)
      if (path === undefined) continue
      const attributes = file.attributes(path)
      for (const { name: attribute, shape, value } of described.attributes ?? []) {
        const got = attributes[attribute]
        if (!t.ok(got, `${path} has the attribute ${attribute}`)) continue
        t.strictSame(got.shape, dimsOf(shape), `shape of ${attribute} of ${path}`)
        if (value === undefined || got.value === null) continue
        const column = (got.shape?.length === 0 && !isColumn(got.value, got.type) ? [got.value] : got.value) as Column
        compare(t, `attribute ${attribute} of ${path}`, nested(got.type, column, got.shape ?? []), value, paths)
      }
    }
    for (const [id, described] of Object.entries(golden.datasets ?? {})) {
      const path = paths.get(id)
      if (path === undefined) continue
      const dataset = file.dataset(path)
      t.strictSame(dataset.shape, dimsOf(described.shape), `shape of ${path}`)
      const empty = dataset.shape === null || sizeOf(dataset.shape) === 0
      if (described.value === undefined || described.value === null || dataset.shape === null || empty) continue
      const column = await dataset.read()
      compare(t, path, nested(dataset.type, column, dataset.shape), described.value, paths)
    }
    for (const [id, described] of Object.entries(golden.groups ?? {})) {
      const path = paths.get(id)
      if (path === undefined) continue
      const titles = described.links?.map(link => link.title).sort() ?? []
      const children = file.children(path).map(child => child.path.split('/').at(-1) ?? '')
      // hdf5-json keeps its own notes in a group __db__ of the file, and not in the JSON.
      t.strictSame(children.filter(child => child !== '__db__').sort(), titles, `children of ${path}`)
    }
  })
}

t.test('a file that is no HDF5 is refused in one line', { skip }, async t => {
  await t.rejects(openHdf5(join(root, 'hdf5', 'notahdf5file.h5')), DataError)
  await t.rejects(openHdf5(join(root, 'hdf5', 'notahdf5file.h5')), /no HDF5 signature/)
})

for (const folder of ['h5py', 'h5wasm', 'pyfive']) {
  const path = `../shared/data/hdf5/${folder}`
  for (const name of existsSync(path) ? readdirSync(path) : []) {
    t.test(`${folder}/${name} is read, or refused by a line that names what we do not read`, async t => {
      const file = await openHdf5(join(path, name))
      t.teardown(() => file.close())
      t.ok((await readAll(file, '/')) > 0)
    })
  }
}

/** Reads everything below a group; a type that cannot be read must say so as a DataError of one line. */
async function readAll(file: Hdf5File, group: string): Promise<number> {
  let read = Object.keys(file.attributes(group)).length
  for (const child of file.children(group)) {
    if (child.kind === 'group') read += 1 + (await readAll(file, child.path))
    else if (child.kind === 'dataset') {
      read += Object.keys(file.attributes(child.path)).length
      try {
        await file.dataset(child.path).read()
      } catch (error) {
        if (!(error instanceof DataError) || error.message.includes('\n')) throw error
      }
      read++
    } else read++
  }
  return read
}

function dimsOf(shape?: Shape): readonly number[] | null {
  if (!shape || shape.class === 'H5S_NULL') return null
  return shape.class === 'H5S_SCALAR' ? [] : (shape.dims ?? [])
}

function pathsById(golden: Golden): Map<string, string> {
  const all = Object.entries({ ...golden.datasets, ...golden.groups })
  return new Map(all.flatMap(([id, { alias }]) => (alias?.[0] ? [[id, alias[0]] as const] : [])))
}

function isColumn(value: unknown, type: Hdf5Type): boolean {
  return (
    type.kind === 'compound' || type.kind === 'array' || (isNumeric(value) && type.kind !== 'vlen' && type.kind !== 'opaque')
  )
}

/** A column in the nested form of the JSON. */
function nested(type: Hdf5Type, column: Column, shape: readonly number[]): unknown {
  const flat = elements(type, column)
  return shape.length === 0 ? flat[0] : reshape(flat, shape)
}

function elements(type: Hdf5Type, column: Column): unknown[] {
  switch (type.kind) {
    case 'compound': {
      const { members, length } = column as Compound
      const columns = type.members.map(member => elements(member.type, members[member.name]))
      return Array.from({ length }, (_, i) => columns.map(values => values[i]))
    }
    case 'array': {
      const flat = elements(type.base, column)
      const size = sizeOf(type.shape)
      return Array.from({ length: flat.length / size }, (_, i) => reshape(flat.slice(i * size, (i + 1) * size), type.shape))
    }
    case 'vlen':
      return (column as readonly Column[]).map(inner => elements(type.base, inner))
    default:
      return isNumeric(column) ? toNumbers(column) : [...(column as readonly unknown[])]
  }
}

function reshape(flat: readonly unknown[], shape: readonly number[]): unknown[] {
  if (shape.length <= 1) return [...flat]
  const step = sizeOf(shape.slice(1))
  return Array.from({ length: shape[0] }, (_, i) => reshape(flat.slice(i * step, (i + 1) * step), shape.slice(1)))
}

function compare(t: Test, where: string, got: unknown, wanted: unknown, paths: Map<string, string>): void {
  const difference = differ(got, wanted, paths)
  t.equal(difference, undefined, where)
}

/** Where two nested values differ, or undefined. */
function differ(value: unknown, wanted: unknown, paths: Map<string, string>): string | undefined {
  const got = typeof value === 'bigint' ? Number(value) : value
  if (typeof wanted === 'string' && wanted.includes('?') && ArrayBuffer.isView(got)) return undefined // opaque: hdf5-json drops the bytes
  if (Array.isArray(wanted)) {
    const list = got as readonly unknown[]
    if (!Array.isArray(got) || list.length !== wanted.length)
      return `${JSON.stringify(got)} is not ${JSON.stringify(wanted)}`
    for (let i = 0; i < wanted.length; i++) {
      const inner = differ(list[i], wanted[i], paths)
      if (inner !== undefined) return `[${i}] ${inner}`
    }
    return undefined
  }
  if (typeof wanted === 'number' && typeof got === 'number') {
    return Math.abs(got - wanted) <= 1e-6 * Math.abs(wanted) ? undefined : `${got} is not ${wanted}`
  }
  if (typeof wanted === 'boolean') return got === Number(wanted) ? undefined : `${got} is not ${wanted}`
  const reference = got as Reference | null
  if (typeof wanted === 'string' && (reference === null || typeof reference === 'object')) {
    const target = wanted === 'null' || wanted === '' ? undefined : paths.get(wanted.split('/')[1])
    return reference?.path === target ? undefined : `${reference?.path} is not ${target}`
  }
  if (typeof wanted === 'object' && wanted !== null) {
    const region = wanted as { id: string; select_type: string; selection: readonly unknown[] }
    if (reference?.path !== paths.get(region.id)) return `${reference?.path} is not ${paths.get(region.id)}`
    const values = reference?.region?.values as { length: number } | undefined
    return values?.length === pointsIn(region) ? undefined : `${values?.length} points instead of ${pointsIn(region)}`
  }
  return got === wanted ? undefined : `${JSON.stringify(got)} is not ${JSON.stringify(wanted)}`
}

function pointsIn(region: { select_type: string; selection: readonly unknown[] }): number {
  if (region.select_type === 'H5S_SEL_POINTS') return region.selection.length
  const boxes = region.selection as readonly (readonly (readonly number[])[])[]
  return boxes.reduce((sum, [low, high]) => sum + low.reduce((size, from, axis) => size * (high[axis] - from), 1), 0)
}
