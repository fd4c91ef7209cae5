import { existsSync, readdirSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { DataError, UsageError } from '../../../core/index.js'
import { openObjects, openParts, readObjects, writeObjects } from '../../../io/objects/index.js'
import { drawnKinds } from './drawn.js'

const fresh = { resume: false, force: false }
const again = { resume: true, force: false }

async function all<T>(objects: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const one of objects) found.push(one)
  return found
}

for (const [name, { kind, draw }] of Object.entries(drawnKinds)) {
  t.test(`${name}: parts written in two calls, in any order, make the file of one`, async t => {
    const here = t.testdir({})
    const out = join(here, 'o.h5')
    const blocks = [[0, 1], [2], [3, 4, 5]].map(block => block.map(draw))
    const identity = { seed: 1, named: { omega_m: 0.3 }, none: undefined }
    const first = openParts(kind, out, identity, fresh)
    t.notOk(existsSync(first.folder), 'nothing is made before there is an object')
    first.write(2, blocks[2], { failed: 2, rejected: 1 })
    first.write(0, blocks[0], { failed: 1 })
    const second = openParts(kind, out, identity, again)
    t.same(
      [0, 1, 2].map(i => second.has(i)),
      [true, false, true],
    )
    t.strictSame(second.read(2), { objects: blocks[2], facts: { failed: 2, rejected: 1 } })
    second.write(1, blocks[1])
    t.notOk(existsSync(out))
    const closing = ({ failed }: Readonly<Record<string, number>>) => ({ failed })
    t.same(await second.join(3, { seed: 1, attributes: { task: 't' }, closing }), { failed: 3, rejected: 1 })
    t.same(readdirSync(here), ['o.h5'])
    t.strictSame(await all(readObjects(kind, out)), blocks.flat())
    await writeObjects(kind, join(here, 'whole.h5'), blocks.flat(), { seed: 1, points: 12 })
    const [joined, whole] = [await openObjects(kind, out), await openObjects(kind, join(here, 'whole.h5'))]
    t.match(joined.attributes, { subject: kind.subject, seed: 1, task: 't', failed: 3 })
    if (kind.points) t.ok(joined.mostPoints > 0 && joined.mostPoints <= whole.mostPoints, 'padded to the largest')
    joined.close()
    whole.close()
  })
}

const { kind, draw } = drawnKinds.fields

t.test('parts of another request, or forgotten ones, are not mixed in', async t => {
  const out = join(t.testdir({}), 'f.h5')
  const open = (identity: object, options = fresh) => openParts(kind, out, identity, options)
  open({ seed: 1 }).write(0, [draw(0)])
  t.throws(() => open({ seed: 1 }), { name: 'UsageError', message: /f\.h5\.part; .*--resume.*--force/ })
  t.throws(
    () => open({ seed: 2 }, again),
    new UsageError(
      'expected the seed 1 of the run to be resumed',
      'got 2',
      'resume with the same options, or begin again by --force',
    ),
  )
  t.throws(() => open({ seed: 1, box: 5 }, again), { message: /the box none of the run.*got 5/ })
  const forced = open({ seed: 2 }, { resume: false, force: true })
  t.notOk(forced.has(0))
  t.notOk(existsSync(forced.folder))
})

t.test('a part cut short is reported, an abort stops, and nothing is at OUT', async t => {
  const out = join(t.testdir({}), 'f.h5')
  const parts = openParts(kind, out, {}, fresh)
  parts.write(0, [draw(0)])
  parts.write(1, [draw(1)])
  await t.rejects(parts.join(2, { seed: 1 }, AbortSignal.abort(new Error('stopped'))), { message: 'stopped' })
  const whole = join(parts.folder, '000001.safetensors')
  for (const bytes of [900, 100]) {
    truncateSync(whole, bytes)
    await t.rejects(parts.join(2, { seed: 1 }), DataError, `${bytes} bytes`)
    t.notOk(existsSync(out))
    t.ok(parts.has(0), 'the parts stay')
  }
})
