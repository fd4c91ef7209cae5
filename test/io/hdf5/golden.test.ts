import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { DataError } from '../../../core/index.js'
import {
  type Column,
  type Hdf5File,
  type Hdf5Type,
  isNumeric,
  nestedJson,
  openHdf5,
  sizeOf,
} from '../../../io/index.js'

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

for (const name of skip
  ? []
  : readdirSync(join(root, 'hdf5')).filter(file => file.endsWith('.h5') && file !== 'notahdf5file.h5')) {
  t.test(`${name} holds what the JSON beside it says`, async t => {
    const json = join(root, 'json', name.replace('.h5', '.json'))
    const file = await openHdf5(join(root, 'hdf5', name))
    t.teardown(() => file.close())
    if (!existsSync(json)) {
      const read = await readAll(file, '/')
      t.ok(read > 0, `${read} values and attributes read (no JSON beside it)`)
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
        // hdf5-json drops opaque bytes
        if (value === undefined || got.value === null || got.type.kind === 'opaque') continue
        const column = (got.shape?.length === 0 && !isColumn(got.value, got.type) ? [got.value] : got.value) as Column
        compare(t, `attribute ${attribute} of ${path}`, nestedJson(got.type, column, got.shape ?? []), value, paths)
      }
    }
    for (const [id, described] of Object.entries(golden.datasets ?? {})) {
      const path = paths.get(id)
      if (path === undefined) continue
      const dataset = file.dataset(path)
      t.strictSame(dataset.shape, dimsOf(described.shape), `shape of ${path}`)
      const empty = dataset.shape === null || sizeOf(dataset.shape) === 0
      if (described.value === undefined || described.value === null || dataset.shape === null || empty) continue
      if (dataset.type.kind === 'opaque') continue // hdf5-json drops the bytes
      const column = await dataset.read()
      compare(t, path, nestedJson(dataset.type, column, dataset.shape), described.value, paths)
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
    type.kind === 'compound' ||
    type.kind === 'array' ||
    (isNumeric(value) && type.kind !== 'vlen' && type.kind !== 'opaque')
  )
}

function compare(t: Test, where: string, got: unknown, wanted: unknown, paths: Map<string, string>): void {
  const difference = differ(got, wanted, paths)
  t.equal(difference, undefined, where)
}

/** Where two nested values differ, or undefined. */
function differ(got: unknown, wanted: unknown, paths: Map<string, string>): string | undefined {
  const difference = `${JSON.stringify(got)} is not ${JSON.stringify(wanted)}`
  if (Array.isArray(wanted)) {
    if (!Array.isArray(got) || got.length !== wanted.length) return difference
    for (let i = 0; i < wanted.length; i++) {
      const inner = differ(got[i], wanted[i], paths)
      if (inner !== undefined) return `[${i}] ${inner}`
    }
    return undefined
  }
  if (typeof wanted === 'number' && typeof got === 'number')
    return Math.abs(got - wanted) <= 1e-6 * Math.abs(wanted) ? undefined : difference
  if (typeof wanted === 'boolean') return got === Number(wanted) ? undefined : difference
  if (typeof wanted === 'object' && wanted !== null) {
    const region = wanted as { id: string; select_type: string; selection: readonly unknown[] }
    const reference = got as { path?: string; values?: readonly unknown[] } | null
    return reference?.path === paths.get(region.id) && reference?.values?.length === pointsIn(region)
      ? undefined
      : difference
  }
  if (wanted === 'null') return got === null ? undefined : difference
  if (typeof wanted === 'string' && /^(datasets|groups|datatypes)\/[0-9a-f-]{36}$/.test(wanted)) {
    return got === paths.get(wanted.split('/')[1]) ? undefined : difference
  }
  return got === wanted ? undefined : difference
}

function pointsIn(region: { select_type: string; selection: readonly unknown[] }): number {
  if (region.select_type === 'H5S_SEL_POINTS') return region.selection.length
  const boxes = region.selection as readonly (readonly (readonly number[])[])[]
  return boxes.reduce((sum, [low, high]) => sum + low.reduce((size, from, axis) => size * (high[axis] - from), 1), 0)
}
