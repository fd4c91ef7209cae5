import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { DataError, Interrupted, UsageError } from '../../../core/index.js'
import type { Field } from '../../../io/galaxies/field.js'
import {
  convert,
  createObjects,
  fields as kind,
  openAllObjects,
  openHdf5,
  openObjects,
  readObjects,
  writeHdf5,
  writeObjects,
} from '../../../io/index.js'
import { temporaryFolder } from '../temporary.js'

const at = temporaryFolder()
const halos = '../shared/data/cosmology/halos'
const skip = existsSync(halos) ? false : 'no ../shared/data beside the checkout'

const box = [100, 100, 100]
const coordinate = fc.float({ min: 0, max: Math.fround(99.99), noNaN: true }).map(x => x + 0)
const speed = fc.float({ min: -3000, max: 3000, noNaN: true }).map(x => x + 0)
const field: fc.Arbitrary<Field> = fc.integer({ min: 2, max: 7 }).chain(points =>
  fc.record({
    points: fc.constant(points),
    positions: fc
      .array(coordinate, { minLength: 3 * points, maxLength: 3 * points })
      .map(values => Float32Array.from(values)),
    velocities: fc
      .array(speed, { minLength: 3 * points, maxLength: 3 * points })
      .map(values => Float32Array.from(values)),
    logMass: fc
      .array(fc.float({ min: 11, max: 16, noNaN: true }), { minLength: points, maxLength: points })
      .map(values => Float32Array.from(values).sort().reverse()),
    box: fc.constant(box),
    theta: fc.record({
      omega_m: fc.double({ min: 0.1, max: 0.5, noNaN: true }),
      sigma_8: fc.double({ min: 0.6, max: 1, noNaN: true }),
    }),
  }),
)

async function all(fields: AsyncIterable<Field>): Promise<Field[]> {
  const out: Field[] = []
  for await (const one of fields) out.push(one)
  return out
}

const plain = (one: Field) => ({ ...one, theta: { ...one.theta }, box: [...one.box] })

t.test('fields written are the fields read, through HDF5, Arrow and halos.npy, in any rows', async t => {
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(field, { minLength: 1, maxLength: 5 }), fc.nat(), fc.nat(), async (fields, a, b) => {
      const name = `run${run++}`
      const h5 = at(`${name}.h5`)
      await writeObjects(kind, h5, fields, { seed: 5, points: 7 })
      const wanted = fields.map(plain)
      t.strictSame((await all(readObjects(kind, h5))).map(plain), wanted)
      const source = await openObjects(kind, h5)
      source.close()
      t.same([source.count, source.mostPoints], [fields.length, 7])
      await convert(h5, at(`${name}.arrow`))
      t.strictSame((await all(readObjects(kind, at(`${name}.arrow`)))).map(plain), wanted, 'Arrow')
      await convert(at(`${name}.arrow`), at(`${name}-back.h5`))
      t.strictSame((await all(readObjects(kind, at(`${name}-back.h5`)))).map(plain), wanted, 'and back')
      await convert(h5, at(`${name}_halos.npy`))
      const npy = await all(readObjects(kind, at(`${name}_halos.npy`), { box: 100 }))
      npy.forEach((one, i) => {
        t.strictSame({ ...plain(one), logMass: 0 }, { ...wanted[i], logMass: 0 }, 'halos.npy')
        t.ok(one.logMass?.every((mass, k) => Math.abs(mass - (fields[i].logMass?.[k] ?? 0)) < 1e-5))
      })
      await convert(at(`${name}_halos.npy`), at(`${name}-npy.arrow`))
      const [arrow, foreign] = [at(`${name}-npy.arrow`), at(`${name}_halos.npy`)].map(path => readObjects(kind, path))
      t.strictSame((await all(arrow)).map(plain), (await all(foreign)).map(plain), 'halos.npy to Arrow')
      const rows = [a % fields.length, b % fields.length]
      t.strictSame(
        (await all(readObjects(kind, h5, { rows }))).map(plain),
        rows.map(row => wanted[row]),
        'chosen rows in their order',
      )
      const twice = await all(readObjects(kind, [h5, h5], { rows: { from: 1, to: fields.length + 1 } }))
      t.strictSame(twice.map(plain), [...wanted.slice(1), wanted[0]], 'a range over two files')
    }),
    { numRuns: 8, seed: 20261122 },
  )
})

t.test('the file follows the contract: units, names, root attributes', async t => {
  const path = at('contract.h5')
  await writeObjects(kind, path, fc.sample(field, { numRuns: 2, seed: 1 }), { seed: 42, points: 7 })
  const file = await openHdf5(path)
  t.teardown(() => file.close())
  t.equal(file.attribute('subject'), 'galaxies')
  t.equal(file.attribute('seed'), 42)
  t.match(file.attribute('stipple_version'), /^\d+\.\d+\.\d+/)
  t.match(file.attribute('created'), /^\d{4}-\d\d-\d\dT/)
  t.equal(file.attribute('box'), 100)
  t.strictSame(file.attribute('names', '/theta'), ['omega_m', 'sigma_8'])
  const units = Object.fromEntries(file.children().map(({ path }) => [path, file.attribute('units', path)]))
  t.strictSame(units, {
    '/log_mass': 'log10 Msun/h',
    '/mask': '',
    '/positions': 'Mpc/h',
    '/theta': '',
    '/velocities': 'km/s',
  })
})

interface Layout {
  positions?: Float32Array
  shape?: number[]
  theta?: boolean
  names?: boolean
  box?: number | null
  mask?: Uint8Array
}

/** A file of one field of two points, with one thing wrong. */
async function badFile(
  name: string,
  {
    positions = Float32Array.of(1, 2, 3, 4, 5, 6),
    shape = [1, 2, 3],
    theta = true,
    names = true,
    box = 100,
    mask,
  }: Layout,
) {
  const path = at(`bad-${name}.h5`)
  await writeHdf5(path, { attributes: box === null ? {} : { box } }, writer => {
    writer.write('positions', positions, { shape, units: 'Mpc/h' })
    if (mask) writer.write('mask', mask, { shape: [1, mask.length], units: '' })
    if (theta)
      writer.write('theta', Float64Array.of(0.3), {
        shape: [1, 1],
        units: '',
        attributes: names ? { names: ['omega_m'] } : {},
      })
  })
  return path
}

for (const [name, layout, message] of [
  ['NaN', { positions: Float32Array.of(1, 2, 3, 4, Number.NaN, 6) }, /finite positions in .*row 0; got NaN at point 1/],
  ['infinite', { positions: Float32Array.of(1, 2, 3, 4, 5, Number.POSITIVE_INFINITY) }, /got Infinity at point 1/],
  ['outside', { positions: Float32Array.of(1, 2, 3, 4, 5, 100.5) }, /positions in \[0, 100\) Mpc\/h in .*got 100.5/],
  ['negative', { positions: Float32Array.of(-1, 2, 3, 4, 5, 6) }, /got -1 at point 0/],
  ['one point', { positions: Float32Array.of(1, 2, 3), shape: [1, 1, 3] }, /at least 2 points/],
  ['no point', { positions: new Float32Array(0), shape: [1, 0, 3] }, /at least one field/],
  ['one unmasked point', { mask: Uint8Array.of(0, 1) }, /at least 2 points .*got 1/],
  ['a mask of another shape', { mask: Uint8Array.of(1, 1, 1) }, /mask \[1, 2\] in .*; got \[1, 3\]/],
  ['no field', { positions: new Float32Array(0), shape: [0, 2, 3] }, /at least one field/],
  ['no theta', { theta: false }, /dataset theta \[n, p\]|dataset theta \[1, p\]/],
  ['no names', { names: false }, /names in the attribute names of theta/],
  ['no box', { box: null }, /attribute box/],
  ['a zero box', { box: 0 }, /attribute box/],
  ['another layout', { shape: [2, 3] }, /positions \[n, points, 3\] .*got \[2, 3\]/],
] as const) {
  t.test(`${name}: an error of bad data that says where`, async t => {
    const path = await badFile(name, layout as Layout)
    await t.rejects(all(readObjects(kind, path)), DataError)
    await t.rejects(all(readObjects(kind, path)), message)
  })
}

t.test('a position equal to the box is 0; padding may hold anything', async t => {
  const edge = await badFile('edge', { positions: Float32Array.of(100, 2, 3, 4, 5, 6) })
  t.equal((await all(readObjects(kind, edge)))[0].positions[0], 0)
  const positions = Float32Array.of(1, 2, 3, Number.NaN, -7, 1e9, 4, 5, 6)
  const padded = await badFile('padded', { positions, shape: [1, 3, 3], mask: Uint8Array.of(1, 0, 1) })
  t.strictSame((await all(readObjects(kind, padded)))[0].positions, Float32Array.of(1, 2, 3, 4, 5, 6))
})

t.test('a file cut short, rows that are not there, an aborted read', async t => {
  const path = at('cut.h5')
  await writeObjects(kind, path, fc.sample(field, { numRuns: 5, seed: 2 }), { seed: 0, points: 7 })
  await t.rejects(all(readObjects(kind, path, { rows: [5] })), UsageError)
  await t.rejects(all(readObjects(kind, path, { signal: AbortSignal.abort() })), Interrupted)
  await t.rejects(all(readObjects(kind, [])), UsageError)
  await t.rejects(all(readObjects(kind, at('absent.h5'))), DataError)
  const bytes = readFileSync(path)
  writeFileSync(path, bytes)
  truncateSync(path, Math.floor(bytes.length * 0.7))
  await t.rejects(all(readObjects(kind, path)), DataError)
})

t.test('files of different designs are not read as one, nor written into one', async t => {
  const [one] = fc.sample(field, { numRuns: 1, seed: 3 })
  await writeObjects(kind, at('one.h5'), [one], { seed: 0 })
  await writeObjects(kind, at('other.h5'), [{ ...one, theta: { omega_m: 0.3 } }], { seed: 0 })
  await t.rejects(
    openAllObjects(kind, [at('one.h5'), at('other.h5')]),
    /parameters omega_m, sigma_8 of .*one\.h5; got omega_m in .*other\.h5/,
  )
  const writer = await createObjects(kind, at('mixed.h5'), { seed: 0 })
  writer.append(one)
  t.throws(() => writer.append({ ...one, theta: { omega_m: 0.3 } }), DataError)
  writer.discard()
  t.notOk(existsSync(at('mixed.h5')))
  await t.rejects(writeObjects(kind, at('empty.h5'), [], { seed: 0 }), DataError)
  await t.rejects(writeObjects(kind, at('empty.h5'), [{ ...one, theta: {} }], { seed: 0 }), DataError)
  await t.rejects(writeObjects(kind, at('empty.h5'), [{ ...one, box: [null, null, null] }], { seed: 0 }), DataError)
  t.notOk(existsSync(at('empty.h5')))
})

t.test('real halos', { skip }, async t => {
  for (const [name, wanted] of [
    ['train', 135],
    ['test', 47],
  ] as const) {
    const { count, names, mostPoints, close } = await openObjects(kind, `${halos}/${name}.h5`)
    close()
    t.strictSame([count, mostPoints, names.join(' ')], [wanted, 5000, 'omega_m omega_b h n_s sigma_8'])
  }
  const [first] = await all(readObjects(kind, `${halos}/train.h5`, { rows: [1], maxPoints: 100 }))
  t.equal(first.points, 100)
  // python -c "import h5py; f = h5py.File('train.h5'); print(f['positions'][1, 0], f['log_mass'][1, 0], f['theta'][1])"
  t.strictSame([...first.positions.slice(0, 3)], [538.09, 89.36, 55.64].map(Math.fround))
  t.ok(Math.abs(first.theta.omega_m - 0.2139) < 1e-12)
})
