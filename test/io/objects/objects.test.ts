import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { DataError, Interrupted, UsageError } from '../../../core/index.js'
import {
  chunksOf,
  convert,
  createObjects,
  inspectFile,
  kinds,
  objectAt,
  openAllObjects,
  openHdf5,
  openObjects,
  readObjects,
  subjectOf,
  writeHdf5,
  writeObjects,
} from '../../../io/index.js'
import { drawnKinds } from './drawn.js'

async function all<T>(objects: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const one of objects) found.push(one)
  return found
}

for (const [name, { kind, draw, other }] of Object.entries(drawnKinds)) {
  const objects = [0, 1, 2, 3, 4].map(draw)

  t.test(`${name}: objects written are the objects read, in HDF5 and Arrow, and converted`, async t => {
    const here = t.testdir({})
    for (const ending of ['h5', 'arrow']) {
      const path = join(here, `a.${ending}`)
      t.equal(await writeObjects(kind, path, objects, { seed: 7, points: 12, attributes: { model: 'm' } }), 5)
      t.strictSame(await all(readObjects(kind, path)), objects, ending)
      const source = await openObjects(kind, path)
      t.match(source, { count: 5, path, format: ending === 'h5' ? 'hdf5' : 'arrow' })
      t.match(source.attributes, { subject: kind.subject, seed: 7, model: 'm' })
      t.strictSame(await all(source.read(2, 4)), [objects[2], objects[3]], 'a range')
      await t.rejects(all(source.read(0, 5, AbortSignal.abort())), Interrupted)
      source.close()
      const inspection = await inspectFile(path, { kinds: [...kinds, kind] })
      t.equal(inspection.subject, kind.subject, 'and recognised')
      const to = join(here, `from-${ending}.${ending === 'h5' ? 'arrow' : 'h5'}`)
      await convert(path, to, { kinds: [kind] })
      t.strictSame(await all(readObjects(kind, to)), objects, `${ending} converted`)
    }
  })

  t.test(`${name}: several files as one`, async t => {
    const here = t.testdir({})
    const paths = ['a.h5', 'b.arrow'].map(name => join(here, name))
    await writeObjects(kind, paths[0], objects, { seed: 0, points: 12 })
    await writeObjects(kind, paths[1], objects.slice(0, 2), { seed: 0, points: 12 })
    const both = [...objects, ...objects.slice(0, 2)]
    t.strictSame(await all(readObjects(kind, paths, { rows: { from: 3 } })), both.slice(3))
    t.strictSame(await all(readObjects(kind, paths, { rows: [6, 0, 1] })), [both[6], both[0], both[1]])
    t.strictSame(await objectAt(kind, paths, 5), both[5])
    await t.rejects(objectAt(kind, paths, 7), {
      name: 'UsageError',
      message: /--index from 0 to 6 in .*a\.h5, .*; got 7/,
    })
    await t.rejects(openAllObjects(kind, []), new RegExp(`at least one file of ${kind.noun}`))
    const chunks = chunksOf(await openAllObjects(kind, paths), 3)
    t.strictSame([chunks.count, chunks.chunkSize], [7, 3])
    const pieces = [await chunks.readChunk(2), await chunks.readChunk(0), await chunks.readChunk(1)]
    t.strictSame(pieces, [both.slice(6), both.slice(0, 3), both.slice(3, 6)], 'chunks in any order')
    chunks.close()
  })

  t.test(`${name}: one design a file, and files of one design`, async t => {
    const here = t.testdir({ 'kept.h5': 'mine', folder: {} })
    const at = (name: string) => join(here, name)
    const writer = await createObjects(kind, at('mixed.h5'), { seed: 0, points: 12 })
    writer.append(objects[0])
    t.throws(() => writer.append(other), DataError)
    writer.discard()
    await t.rejects(writeObjects(kind, at('empty.h5'), [], { seed: 0 }), DataError)
    await t.rejects(writeObjects(kind, at('kept.h5'), objects, { seed: 0, points: 12 }), UsageError)
    t.notOk(existsSync(at('mixed.h5')) || existsSync(at('empty.h5')))
    await writeObjects(kind, at('one.h5'), objects, { seed: 0, points: 12 })
    await writeObjects(kind, at('other.h5'), [other], { seed: 0, points: 12 })
    if (name === 'fields' || name === 'dwarfs')
      await t.rejects(openAllObjects(kind, [at('one.h5'), at('other.h5')]), /of .*one\.h5; got .* in .*other\.h5/)
    await t.rejects(openObjects(kind, at('no.h5')), new RegExp(`expected ${kind.noun} at .*; got no such file`))
    await t.rejects(openObjects(kind, at('folder')), DataError)
  })

  t.test(`${name}: a column that is missing is named, with what is there`, async t => {
    const path = join(t.testdir({}), 'bad.h5')
    await writeHdf5(path, {}, writer => writer.write('strange', Float32Array.of(1, 2), { units: '' }))
    const lead = kind.columns[0].name
    await t.rejects(
      openObjects(kind, path),
      new RegExp(`${lead}.* in .*bad\\.h5; got strange; see the ${kind.subject}`),
    )
  })
}

t.test('an object is padded to the first, masks mark the points, and a larger one is refused', async t => {
  const path = join(t.testdir({}), 'f.h5')
  const { kind, draw } = drawnKinds.events
  await t.rejects(writeObjects(kind, path, [draw(0), draw(1)], { seed: 0 }), /at most 1 points in event 1 .*; got 2/)
  await writeObjects(kind, path, [draw(1), draw(0)], { seed: 0 })
  const file = await openHdf5(path)
  t.teardown(() => file.close())
  t.strictSame(file.dataset('/energies').shape, [2, 2])
  t.strictSame(await file.dataset('/mask').read(), Uint8Array.of(1, 1, 1, 0))
})

t.test('subjects: by declarations, and by names of datasets where there is none yet', async t => {
  const shaped = (...names: string[]) => names.map(name => ({ name, shape: [4, 2] }))
  for (const [names, subject] of [
    [['draws', 'log_prob'], 'posterior draws'],
    [['particle_features'], 'jets'],
    [['positions', 'species'], 'molecules'],
    [['psf', 'image'], 'lenses'],
    [['maps'], 'maps'],
    [['images', 'theta'], 'images'],
    [['ra', 'dec', 'v_los', 'v_err'], 'dwarfs'],
    [['pos', 'vel', 'labels'], 'dwarfs'],
    [['theta_a', 'x_1'], 'densities'],
    [['anything'], null],
  ] as const)
    t.equal(subjectOf(shaped(...names)), subject, names.join(' '))
})
