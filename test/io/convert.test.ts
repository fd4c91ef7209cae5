import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { UsageError } from '../../core/index.js'
import {
  convert,
  inspectFile,
  isNumeric,
  readCsvTable,
  readNpy,
  renderInspection,
  withHdf5,
  writeHdf5,
  writeNpy,
  writeSafetensors,
} from '../../io/index.js'
import { temporaryFolder } from './temporary.js'

const at = temporaryFolder()

async function dwarfs(path: string): Promise<void> {
  await writeHdf5(path, { attributes: { subject: 'dwarfs', seed: 3 } }, writer => {
    writer.write(
      'positions',
      Float64Array.from({ length: 12 }, (_, i) => i / 8),
      { shape: [6, 2], units: 'kpc' },
    )
    writer.write('velocities', Float64Array.of(1, 2, 3, 4, 5, Number.NaN), { units: 'km/s' })
    writer.write('offsets', BigInt64Array.of(0n, 2n, 2n, 6n), { units: '' })
    writer.write('theta', Float64Array.of(1, 2, 3, 4, 5, 6), {
      shape: [3, 2],
      units: '',
      attributes: { names: ['gamma', 'log10_r_s'] },
    })
  })
}

t.test('ragged dwarfs go to Arrow and back with units, names and offsets', async t => {
  await dwarfs(at('d.h5'))
  const { rows, leftOut } = await convert(at('d.h5'), at('d.arrow'))
  t.strictSame([rows, leftOut], [3, []])
  t.equal((await inspectFile(at('d.arrow'))).subject, 'dwarfs')
  await convert(at('d.arrow'), at('back.h5'))
  await withHdf5(at('back.h5'), async file => {
    await withHdf5(at('d.h5'), async original => {
      for (const name of ['/positions', '/velocities', '/offsets', '/theta']) {
        t.strictSame(await file.dataset(name).read(), await original.dataset(name).read(), name)
        t.strictSame(file.dataset(name).shape, original.dataset(name).shape)
        t.equal(file.attribute('units', name), original.attribute('units', name))
      }
      t.strictSame(file.attribute('names', '/theta'), ['gamma', 'log10_r_s'])
      t.strictSame([file.attribute('subject'), file.attribute('seed')], ['dwarfs', 3])
    })
  })
})

t.test('ragged dwarfs as csv: a line a star, the galaxy repeated', async t => {
  await dwarfs(at('e.h5'))
  t.equal((await convert(at('e.h5'), at('e.csv'))).rows, 6)
  const lines = readFileSync(at('e.csv'), 'utf8').trimEnd().split('\n')
  t.equal(lines[0], 'object,positions_x,positions_y,theta_gamma,theta_log10_r_s,velocities')
  t.equal(lines[3], '2,0.5,0.625,5,6,3')
  t.equal(lines[6], '2,1.25,1.375,5,6,NaN')
})

const jeans = '../shared/data/dwarfs/jeansgnn_example_data.hdf5'
const skip = existsSync(jeans) ? false : 'no ../shared/data beside the checkout'

t.test('END offsets, as in the field, become ours', { skip }, async t => {
  await convert(jeans, at('jeans.arrow'))
  await convert(at('jeans.arrow'), at('jeans.h5'))
  await withHdf5(jeans, async theirs => {
    await withHdf5(at('jeans.h5'), async ours => {
      const ends = await theirs.dataset('/ptr').read()
      const offsets = await ours.dataset('/offsets').read()
      if (!isNumeric(ends) || !isNumeric(offsets)) return t.fail('no numbers')
      t.strictSame([...offsets], [0n, ...ends])
      t.strictSame(await ours.dataset('/pos').read(), await theirs.dataset('/pos').read())
      t.strictSame(await ours.dataset('/labels').read(), await theirs.dataset('/labels').read())
    })
  })
})

t.test('tables of simulations: csv to HDF5 to Arrow to csv', async t => {
  writeFileSync(at('t.csv'), 'theta_a,theta_b,x_one,x_two,weight\n1,2,3,4,0.5\n5,6,7,8,0.25\n')
  await convert(at('t.csv'), at('t.h5'))
  await withHdf5(at('t.h5'), async file => {
    t.strictSame(await file.dataset('/theta').read(), Float64Array.of(1, 2, 5, 6))
    t.strictSame(file.attribute('names', '/x'), ['one', 'two'])
  })
  t.equal((await inspectFile(at('t.h5'))).subject, 'densities')
  await convert(at('t.h5'), at('t.arrow'))
  await convert(at('t.arrow'), at('t2.csv'))
  const [before, after] = [await readCsvTable(at('t.csv')), await readCsvTable(at('t2.csv'))]
  for (const name of Object.keys(before.columns)) t.strictSame(after.columns[name], before.columns[name], name)
})

t.test('arrays to and from NumPy', async t => {
  writeNpy(at('a.npy'), Float32Array.of(1, 2, 3, 4, 5, 6), [3, 2])
  await convert(at('a.npy'), at('a.h5'))
  await convert(at('a.h5'), at('b.npy'))
  t.strictSame(readFileSync(at('b.npy')), readFileSync(at('a.npy')))
  await dwarfs(at('f.h5'))
  await t.rejects(convert(at('f.h5'), at('f.npy'), { column: 'velocities' }), UsageError, 'ragged')
  await convert(at('f.h5'), at('f.npy'), { column: 'theta' })
  t.strictSame((await readNpy(at('f.npy'))).shape, [3, 2])
})

t.test('nothing is overwritten unasked, unknown endings are refused, a failed one leaves nothing', async t => {
  writeNpy(at('g.npy'), Float32Array.of(1), [1])
  await convert(at('g.npy'), at('g.h5'))
  const before = readFileSync(at('g.h5'))
  await t.rejects(convert(at('g.npy'), at('g.h5')), UsageError)
  t.strictSame(readFileSync(at('g.h5')), before)
  await convert(at('g.npy'), at('g.h5'), { force: true })
  await t.rejects(convert(at('g.npy'), at('g.npy')), UsageError)
  await t.rejects(convert(at('g.npy'), at('g.txt')), /ending in/)
  writeFileSync(at('h.csv'), 'a\n1\nword\n')
  await t.rejects(convert(at('h.csv'), at('h.arrow')), /line 3/)
  t.notOk(existsSync(at('h.arrow')))
})

t.test('inspect: shapes, types, units, ranges, NaN counts, for every format', async t => {
  await dwarfs(at('i.h5'))
  await convert(at('i.h5'), at('i.arrow'))
  writeSafetensors(at('i.safetensors'), { w: { shape: [2], values: Float32Array.of(-1, 4) } })
  writeNpy(at('i.npy'), Int32Array.of(3, -3), [2])
  const items = async (path: string) =>
    Object.fromEntries((await inspectFile(at(path))).items.map(item => [item.path, item]))
  const h5 = await items('i.h5')
  t.match(h5['/velocities'], {
    type: 'float64',
    shape: [6],
    units: 'km/s',
    range: { min: 1, max: 5, nan: 1 },
    value: [1, 2, 3, 4, 5, 'NaN'],
  })
  t.match(h5['/offsets'], { type: 'int64', range: { min: 0, max: 6, nan: 0 } })
  t.match((await items('i.arrow')).theta, { type: 'Float64', shape: [3, 2], range: { min: 1, max: 6 } })
  t.match((await items('i.safetensors')).w, { type: 'float32', range: { min: -1, max: 4 } })
  t.match((await items('i.npy')).array, { type: 'i4', range: { min: -3, max: 3 } })
  const text = renderInspection(await inspectFile(at('i.h5')))
  t.match(text, /looks like dwarfs/)
  t.match(text, /velocities {2}float64 {2}\[6\] {5}km\/s {2}1 … 5, 1 NaN/)
  t.doesNotThrow(() => JSON.parse(JSON.stringify(h5)))
})
