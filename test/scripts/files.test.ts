import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { fieldsIn, writeFields } from '../io/galaxies/files.js'
import { randomField } from '../pipelines/stream/support.js'
import { stippleHere } from './badInput/tiny.js'
import { stipple } from './commandLine.js'

const fields = [0, 1, 2].map(i => randomField(20, i))

t.test('inspect and convert: there and back, the same fields', async t => {
  const dir = t.testdir({})
  const [h5, arrow, back] = ['fields.h5', 'fields.arrow', 'back.h5'].map(name => join(dir, name))
  await writeFields(h5, fields, { seed: 3 })

  const { code, stdout } = await stipple('inspect', h5, '--json')
  t.equal(code, 0)
  const inspection = JSON.parse(stdout)
  t.match(inspection, { format: 'HDF5', subject: 'galaxies', attributes: { seed: 3 } })
  const positions = inspection.items.find((item: { path: string }) => item.path === '/positions')
  t.match(positions, { shape: [3, 20, 3], units: 'Mpc/h' })
  t.match((await stippleHere(['inspect', h5])).stdout, /positions +float32 +\[3, 20, 3\] +Mpc\/h/)

  t.match(JSON.parse((await stippleHere(['convert', h5, arrow, '--json'])).stdout), { n: 3, out: arrow })
  t.equal((await stippleHere(['convert', arrow, '--out', back])).code, 0)
  let i = 0
  for (const field of await fieldsIn(back)) t.same(field.positions, fields[i++].positions)
  t.equal(i, 3)
})

t.test(
  'bad input: exit code 3, one line that names the file; an existing result: exit code 2 and left as it is',
  async t => {
    const dir = t.testdir({ 'text.h5': 'no HDF5', 'kept.arrow': 'mine' })
    const whole = join(dir, 'whole.h5')
    await writeFields(whole, fields, { seed: 0 })
    const cut = join(dir, 'cut.h5')
    writeFileSync(cut, readFileSync(whole).subarray(0, 2000))
    for (const path of [cut, join(dir, 'text.h5'), join(dir, 'nothing.h5')]) {
      const args = path === cut ? ['convert', path, join(dir, 'out.arrow')] : ['inspect', path]
      const { code, stdout, stderr } = await stipple(...args)
      t.equal(code, 3, args.join(' '))
      t.equal(stdout, '')
      t.match(stderr, /^stipple: [^\n]+; [^\n]+; [^\n]+\n$/)
      t.ok(stderr.includes(path))
    }
    t.notOk(existsSync(join(dir, 'out.arrow')))
    t.equal((await stippleHere(['convert', whole, join(dir, 'kept.arrow')])).code, 2)
    t.equal(readFileSync(join(dir, 'kept.arrow'), 'utf8'), 'mine')
    t.equal((await stippleHere(['convert', whole])).code, 2, 'no file to write')
  },
)

t.test('doctor: the CPU is there, and what is not says why', async t => {
  const { code, stdout } = await stippleHere(['doctor', '--json'])
  t.equal(code, 0)
  const { devices, threads } = JSON.parse(stdout)
  t.ok(threads >= 1)
  t.match(
    devices.find((entry: { device: string }) => entry.device === 'cpu'),
    { available: true },
  )
  for (const { available, reason } of devices) t.ok(available || reason.length > 0)
})
