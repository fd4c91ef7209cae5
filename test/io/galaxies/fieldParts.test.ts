import { existsSync, readdirSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { DataError, makeKey, periodicBox, UsageError, uniform } from '../../../core/index.js'
import type { Field } from '../../../io/galaxies/field.js'
import { openParts, readFields, writeFields } from '../../../io/galaxies/index.js'

function field(index: number, points: number): Field {
  const key = makeKey(3).split(index)
  return {
    points,
    positions: uniform(key.split('x'), 3 * points).map(u => 99 * u),
    velocities: uniform(key.split('v'), 3 * points),
    logMass: uniform(key.split('m'), points).sort((a, b) => b - a),
    box: periodicBox(100),
    theta: { omega_m: 0.1 + index / 7, sigma_8: 0.8 },
  }
}

const fields = [field(0, 5), field(1, 9), field(2, 2)]
const fresh = { resume: false, force: false }
const again = { resume: true, force: false }

async function all(path: string): Promise<Field[]> {
  const found: Field[] = []
  for await (const one of readFields(path)) found.push(one)
  return found
}

t.test('parts written in two calls, in any order, make the file of one', async t => {
  const here = t.testdir({})
  const out = join(here, 'f.h5')
  const identity = { seed: 1, named: { omega_m: 0.3 }, none: undefined }
  const first = openParts(out, identity, fresh)
  t.notOk(existsSync(first.folder), 'nothing is made before there is a field')
  first.write(2, fields[2])
  first.write(0, fields[0], { evaluations: 31 })
  const second = openParts(out, identity, again)
  t.same(
    [0, 1, 2].map(i => second.has(i)),
    [true, false, true],
  )
  t.same(second.read(0), { field: fields[0], facts: { evaluations: 31 } })
  second.write(1, fields[1])
  t.notOk(existsSync(out))
  await second.join(3, { seed: 1 })
  t.same(readdirSync(here), ['f.h5'])
  await writeFields(join(here, 'whole.h5'), fields, { seed: 1, points: 9 })
  t.same(await all(out), await all(join(here, 'whole.h5')))
})

t.test('parts of another request, or forgotten ones, are not mixed in', async t => {
  const out = join(t.testdir({}), 'f.h5')
  openParts(out, { seed: 1 }, fresh).write(0, fields[0])
  t.throws(() => openParts(out, { seed: 1 }, fresh), {
    name: 'UsageError',
    message: /f\.h5\.part; .*--resume.*--force/,
  })
  t.throws(
    () => openParts(out, { seed: 2 }, again),
    new UsageError(
      'expected the seed 1 of the run to be resumed',
      'got 2',
      'resume with the same options, or begin again by --force',
    ),
  )
  t.throws(() => openParts(out, { seed: 1, box: 5 }, again), { message: /the box none of the run.*got 5/ })
  const forced = openParts(out, { seed: 2 }, { resume: false, force: true })
  t.notOk(forced.has(0))
  t.notOk(existsSync(forced.folder))
})

t.test('a part cut short is told, and nothing is at OUT', async t => {
  const out = join(t.testdir({}), 'f.h5')
  const parts = openParts(out, {}, fresh)
  parts.write(0, fields[0])
  truncateSync(join(parts.folder, '000000.safetensors'), 100)
  await t.rejects(parts.join(1, { seed: 1 }), DataError)
  t.notOk(existsSync(out))
  t.ok(parts.has(0), 'the parts stay')
})
