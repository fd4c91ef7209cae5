import t from 'tap'
import { inspectFile, openArrowTable, openHdf5, readCsvTable, readNumbers, writeDraws } from '../../../io/index.js'
import { temporaryFolder } from '../temporary.js'

const at = temporaryFolder()
const posterior = {
  subject: 'dwarfs',
  seed: 4,
  names: ['gamma', 'log10_r_s'],
  units: ['', 'log10 kpc'],
  draws: Float64Array.of(0.1, 0.2, 0.3, 0.4, 0.5, 0.6),
  logProb: Float32Array.of(-1, -2, -3.5),
  columns: [{ name: 'v_max', units: 'km/s', values: [11, 12, 13] }],
  attributes: { method: 'npe', stars: 100 },
}

t.test('draws come back from HDF5 with names, units and attributes', async t => {
  await writeDraws(at('p.h5'), posterior)
  const file = await openHdf5(at('p.h5'))
  t.same(file.dataset('/draws').shape, [3, 2])
  t.same([...(await readNumbers(file, '/draws'))], [...posterior.draws])
  t.same([...(await readNumbers(file, '/log_prob'))], [-1, -2, -3.5])
  t.same([...(await readNumbers(file, '/v_max'))], [11, 12, 13])
  t.same(file.attribute('names', '/draws'), ['gamma', 'log10_r_s'])
  t.equal(file.attribute('units', '/draws'), ',log10 kpc')
  t.equal(file.attribute('units', '/v_max'), 'km/s')
  const root = ['subject', 'seed', 'method', 'stars'].map(name => file.attribute(name))
  t.same(
    root.map(value => (typeof value === 'bigint' ? Number(value) : value)),
    ['dwarfs', 4, 'npe', 100],
  )
  t.type(file.attribute('stipple_version'), 'string')
  file.close()
  t.equal((await inspectFile(at('p.h5'))).subject, 'posterior draws')
})

t.test('and from Arrow and csv', async t => {
  await writeDraws(at('p.arrow'), posterior)
  const table = openArrowTable(at('p.arrow'))
  t.same(
    table.columns.map(column => column.name),
    ['draws', 'log_prob', 'v_max'],
  )
  t.same(table.columns[0].attributes.names, posterior.names)
  t.match(table.attributes, { subject: 'dwarfs', seed: 4, method: 'npe' })
  for await (const batch of table.batches()) t.same([...(batch.columns.draws as Float64Array)], [...posterior.draws])
  table.close()
  await writeDraws(at('p.csv'), posterior)
  const { columns } = await readCsvTable(at('p.csv'))
  const plain = Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, [...values]]))
  t.same(plain, { gamma: [0.1, 0.3, 0.5], log10_r_s: [0.2, 0.4, 0.6], log_prob: [-1, -2, -3.5], v_max: [11, 12, 13] })
})

t.test('nothing is overwritten, and no other ending guessed', async t => {
  await writeDraws(at('q.csv'), posterior)
  await t.rejects(writeDraws(at('q.csv'), posterior), { name: 'UsageError' })
  await writeDraws(at('q.csv'), posterior, { force: true })
  await t.rejects(writeDraws(at('q.txt'), posterior), { name: 'UsageError', message: /end in .h5, .arrow or .csv/ })
  const short = { ...posterior, draws: posterior.draws.slice(1) }
  await t.rejects(writeDraws(at('r.h5'), short), { name: 'UsageError', message: /expected 6 draws .* got 5/ })
})
