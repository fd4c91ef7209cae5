import { appendFileSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { DataError, makeKey, normal, uniform } from '../../../core/index.js'
import type { Field } from '../../../io/galaxies/field.js'
import {
  convert,
  gadgetParticles,
  inspectFile,
  fields as kind,
  openObjects,
  readFofCatalogue,
  readGadgetHeader,
  readObjects,
  writeHdf5,
} from '../../../io/index.js'
import { temporaryFolder } from '../temporary.js'

const at = temporaryFolder()

interface Groups {
  readonly mass: Float32Array
  readonly position: Float32Array
  readonly velocity: Float32Array
}

function makeGroups(count: number, seed: number): Groups {
  const key = makeKey(seed)
  return {
    mass: uniform(key.split('mass'), count).map(u => 1e3 * u),
    position: uniform(key.split('position'), 3 * count).map(u => 1e6 * u),
    velocity: normal(key.split('velocity'), 3 * count).map(v => 300 * v),
  }
}

/**
 * The layout that Pylians' readfof.py reads. Checked once against it: a catalogue written by numpy.tofile in three
 * parts of 5, 0 and 3 groups and read by readfof.FoF_catalog(folder, 4, long_ids=False, swap=False, SFR=False,
 * read_IDs=False), Pylians 0.12, gave our positions, velocities, masses and lengths (to the last digit of float32), and
 * readgadget.read_block our particles of a two-part snapshot exactly.
 */
function writeFof(
  folder: string,
  groups: Groups,
  parts: readonly number[],
  { snapshot = 4, starFormation = false, littleEndian = true } = {},
): void {
  const number = String(snapshot).padStart(3, '0')
  const target = join(folder, `groups_${number}`)
  mkdirSync(target, { recursive: true })
  const all = groups.mass.length
  let first = 0
  parts.forEach((count, part) => {
    const words = starFormation ? 22 : 21
    const view = new DataView(new ArrayBuffer(24 + 4 * words * count))
    for (const [i, value] of [count, all, 50 * count].entries()) view.setInt32(4 * i, value, littleEndian)
    view.setBigUint64(12, BigInt(50 * all), littleEndian)
    view.setUint32(20, parts.length, littleEndian)
    let place = 24
    const put = (values: ArrayLike<number>, whole = false): void => {
      for (let i = 0; i < values.length; i++, place += 4) {
        if (whole) view.setInt32(place, values[i], littleEndian)
        else view.setFloat32(place, values[i], littleEndian)
      }
    }
    put(
      Array.from({ length: count }, (_, i) => 20 + i),
      true,
    )
    put(new Int32Array(count), true)
    put(groups.mass.subarray(first, first + count))
    put(groups.position.subarray(3 * first, 3 * (first + count)))
    put(groups.velocity.subarray(3 * first, 3 * (first + count)))
    put(new Float32Array(12 * count))
    if (starFormation) put(new Float32Array(count))
    writeFileSync(join(target, `group_tab_${number}.${part}`), new Uint8Array(view.buffer))
    first += count
  })
}

const hypercube = '#Omega_m Omega_b h n_s sigma_8\n0.1 0.04 0.6 0.9 0.7\n0.2 0.05 0.7 1.0 0.8\n0.3 0.06 0.8 1.1 0.9\n'

async function all(fields: AsyncIterable<Field>): Promise<Field[]> {
  const out: Field[] = []
  for await (const one of fields) out.push(one)
  return out
}

for (const [name, options] of Object.entries({
  plain: {},
  'with star formation': { starFormation: true },
  'big-endian': { littleEndian: false },
})) {
  t.test(`a catalogue in parts, ${name}, is read group by group`, async t => {
    const folder = at(`fof-${name}`)
    const groups = makeGroups(30, 1)
    writeFof(folder, groups, [12, 0, 18], options)
    const read = await readFofCatalogue(folder, 4)
    t.equal(read.groups, 30)
    t.strictSame(read.mass, groups.mass)
    t.strictSame(read.position, groups.position)
    t.strictSame(read.velocity, groups.velocity)
    t.strictSame([...read.length.slice(10, 14)], [30, 31, 20, 21])
  })
}

t.test('a folder as downloaded: realisations by number, cosmologies by row, heaviest halos first', async t => {
  const folder = at('latin_hypercube')
  writeFof(join(folder, '2'), makeGroups(40, 2), [40])
  writeFof(join(folder, '0'), makeGroups(25, 3), [10, 15])
  writeFof(join(folder, '1'), makeGroups(25, 3), [25], { snapshot: 3 })
  writeFileSync(join(folder, 'latin_hypercube_params.txt'), hypercube)
  const { count, names, mostPoints, attributes } = await openObjects(kind, folder, { maxPoints: 30 })
  t.strictSame([count, names.join(' '), mostPoints], [2, 'omega_m omega_b h n_s sigma_8', 30])
  t.strictSame(attributes.box, [1000, 1000, 1000])
  const [first, second] = await all(readObjects(kind, folder, { maxPoints: 30 }))
  t.strictSame([first.theta.omega_m, second.theta.sigma_8], [0.1, 0.9])
  t.strictSame([first.points, second.points], [25, 30])
  const groups = makeGroups(40, 2)
  const heaviest = groups.mass.indexOf(Math.max(...groups.mass))
  t.strictSame(second.positions[0], Math.fround(groups.position[3 * heaviest] / 1e3), 'kpc/h to Mpc/h')
  t.strictSame(second.velocities?.[1], groups.velocity[3 * heaviest + 1], 'z = 0: as stored')
  t.ok(Math.abs((second.logMass?.[0] ?? 0) - Math.log10(groups.mass[heaviest] * 1e10)) < 1e-5)
  const [early] = await all(readObjects(kind, folder, { snapshot: 3 }))
  const stored = makeGroups(25, 3)
  const top = stored.mass.indexOf(Math.max(...stored.mass))
  t.strictSame(early.velocities?.[0], Math.fround(stored.velocity[3 * top] * 1.5), 'z = 0.5: times 1 + z')
  t.strictSame(
    (await all(readObjects(kind, join(folder, '2'))))[0].theta,
    second.theta,
    'the folder of one realisation',
  )
  t.equal((await inspectFile(folder)).format, 'Quijote folder')
  await convert(folder, at('quijote.h5'))
  t.strictSame((await all(readObjects(kind, at('quijote.h5'))))[0].positions, first.positions)
})

t.test('what is missing or cut short is reported', async t => {
  const folder = at('broken')
  const groups = makeGroups(30, 4)
  writeFof(join(folder, '1'), groups, [12, 18])
  await t.rejects(openObjects(kind, folder), /latin_hypercube_params.txt/)
  writeFileSync(join(folder, 'latin_hypercube_params.txt'), hypercube)
  t.equal((await all(readObjects(kind, folder))).length, 1)
  const second = join(folder, '1/groups_004/group_tab_004.1')
  truncateSync(second, 1000)
  await t.rejects(all(readObjects(kind, folder)), DataError)
  await t.rejects(all(readObjects(kind, folder)), /cut short/)
  writeFof(join(folder, '1'), makeGroups(20, 4), [20])
  appendFileSync(join(folder, '1/groups_004/group_tab_004.0'), 'xyz')
  await t.rejects(all(readObjects(kind, folder)), DataError)
  await t.rejects(openObjects(kind, folder, { snapshot: 2 }), /groups_002/)
  mkdirSync(at('empty'))
  await t.rejects(openObjects(kind, at('empty')), DataError)
})

t.test('Gadget snapshots in parts: units, velocities, masses, an even sample', async t => {
  const folder = at('particles/fiducial/5/snapdir_004')
  mkdirSync(folder, { recursive: true })
  const positions = uniform(makeKey(9), 3 * 7).map(u => 1e6 * u)
  const velocities = normal(makeKey(10), 3 * 7)
  const parts = [4, 3]
  for (let part = 0, first = 0; part < 2; first += parts[part++]) {
    const count = parts[part]
    await writeHdf5(join(folder, `snap_004.${part}.hdf5`), {}, writer => {
      writer.group('/Header', {
        BoxSize: 1e6,
        Time: 0.25,
        Redshift: 3,
        Omega0: 0.3175,
        HubbleParam: 0.6711,
        MassTable: [0, 65.5, 0, 0, 0, 0],
        NumPart_Total: [0, 7, 0, 0, 0, 0],
        NumFilesPerSnapshot: 2,
      })
      const shape = [count, 3]
      writer.write('/PartType1/Coordinates', positions.slice(3 * first, 3 * (first + count)), { shape, units: 'kpc/h' })
      writer.write('/PartType1/Velocities', velocities.slice(3 * first, 3 * (first + count)), { shape, units: '' })
    })
  }
  const header = await readGadgetHeader(join(folder, 'snap_004'))
  t.strictSame(
    [header.box, header.masses[1], header.particles[1], header.omegaM, header.h],
    [1000, 65.5e10, 7, 0.3175, 0.6711],
  )
  const got: number[] = []
  for await (const slice of gadgetParticles(header, 1, { rows: 2 })) {
    got.push(...slice.positions)
    t.strictSame(slice.velocities?.[0], Math.fround(velocities[3 * slice.start] * 0.5), 'v sqrt(a)')
  }
  t.strictSame(
    got,
    [...positions].map(x => Math.fround(x * 1e-3)),
  )
  const [field] = await all(readObjects(kind, at('particles/fiducial'), { maxPoints: 3 }))
  t.strictSame([field.points, field.theta.sigma_8, field.logMass], [3, 0.834, undefined])
  t.strictSame(
    [field.positions[3], field.positions[6]],
    [2, 4].map(i => Math.fround(positions[3 * i] * 1e-3)),
  )
  truncateSync(join(folder, 'snap_004.1.hdf5'), 2000)
  await t.rejects(all(readObjects(kind, at('particles/fiducial'))), DataError)
})
