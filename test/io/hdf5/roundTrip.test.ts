import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { DataError, Interrupted, UsageError, WorkError } from '../../../core/index.js'
import {
  createHdf5,
  isNumeric,
  type NumericArray,
  openHdf5,
  slices,
  startOffsets,
  withHdf5,
  writeHdf5,
} from '../../../io/index.js'
import { temporaryFolder } from '../temporary.js'

const at = temporaryFolder()

const arrays: Readonly<Record<string, fc.Arbitrary<NumericArray>>> = {
  int8: fc.int8Array({ maxLength: 60 }),
  uint8: fc.uint8Array({ maxLength: 60 }),
  int16: fc.int16Array({ maxLength: 60 }),
  uint16: fc.uint16Array({ maxLength: 60 }),
  int32: fc.int32Array({ maxLength: 60 }),
  uint32: fc.uint32Array({ maxLength: 60 }),
  int64: fc.bigInt64Array({ maxLength: 60 }),
  uint64: fc.bigUint64Array({ maxLength: 60 }),
  float32: fc.float32Array({ maxLength: 60 }),
  float64: fc.float64Array({ maxLength: 60 }),
}

for (const [name, arbitrary] of Object.entries(arrays)) {
  t.test(`${name}: appended in any pieces, read in any slices, the values are the same`, async t => {
    let run = 0
    await fc.assert(
      fc.asyncProperty(
        arbitrary,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 7 }),
        async (values, width, chunkRows, rows) => {
          const whole = values.subarray(0, values.length - (values.length % width)) as NumericArray
          const path = at(`${name}-${run++}.h5`)
          await writeHdf5(path, {}, writer => {
            const dtype = `${/^u/.test(name) ? 'u' : /^i/.test(name) ? 'i' : 'f'}${values.BYTES_PER_ELEMENT}` as 'f4'
            const appender = writer.appendable('x', dtype, [width], { units: 'kpc', chunkRows })
            for (let i = 0; i < whole.length; i += rows * width)
              appender.append(whole.subarray(i, i + rows * width) as NumericArray)
          })
          await withHdf5(path, async file => {
            const got: unknown[] = []
            for await (const slice of slices(file, '/x', { rows })) got.push(...(slice.values as Iterable<number>))
            t.strictSame(got, [...(whole as Iterable<number>)])
            t.equal(file.attribute('units', '/x'), 'kpc')
          })
        },
      ),
      { numRuns: 6, seed: 20261122 },
    )
  })
}

t.test('attributes and text keep their values and kinds', async t => {
  const path = at('attributes.h5')
  const attributes = {
    subject: 'galaxies',
    seed: 2 ** 40,
    box: 1000,
    z: 0.5,
    names: ['omega_m', 'σ_8', ''],
    list: [1.5, 2],
    whole: [1, 2],
  }
  await writeHdf5(path, { attributes }, writer => {
    writer.write('words', ['a', 'Müller', ''], { units: '' })
    writer.write('deep/down/scalar', Float64Array.of(2.5), { shape: [], units: 'Mpc/h' })
    writer.write('none', new Float32Array(0), { shape: [0, 3], units: '' })
  })
  await withHdf5(path, async file => {
    const value = (name: string) => file.attribute(name)
    t.equal(value('subject'), 'galaxies')
    t.equal(value('seed'), BigInt(2 ** 40))
    t.equal(value('box'), 1000)
    t.equal(value('z'), 0.5)
    t.strictSame(value('names'), ['omega_m', 'σ_8', ''])
    t.strictSame(value('list'), Float64Array.of(1.5, 2))
    t.strictSame(value('whole'), Int32Array.of(1, 2))
    t.strictSame(await file.dataset('/words').read(), ['a', 'Müller', ''])
    t.strictSame(await file.dataset('/deep/down/scalar').read(), Float64Array.of(2.5))
    t.strictSame(file.dataset('/none').shape, [0, 3])
    t.strictSame(
      file.children('/deep').map(child => child.kind),
      ['group'],
    )
  })
})

t.test('a region is the same as that part of the whole', async t => {
  const path = at('region.h5')
  const whole = Float32Array.from({ length: 7 * 5 * 3 }, (_, i) => i)
  await writeHdf5(path, {}, writer => writer.write('x', whole, { shape: [7, 5, 3], units: '' }))
  await withHdf5(path, async file => {
    const part = await file.dataset('/x').read({ offset: [2, 1, 0], count: [3, 2, 2] })
    const wanted = [2, 3, 4].flatMap(i => [1, 2].flatMap(j => [0, 1].map(k => whole[(i * 5 + j) * 3 + k])))
    t.strictSame([...(part as Float32Array)], wanted)
    await t.rejects(file.dataset('/x').read({ offset: [6], count: [2] }), DataError)
  })
})

t.test('nothing lies at the path before close, nothing after discard, and nothing is overwritten unasked', async t => {
  const path = at('atomic/x.h5')
  const writer = await createHdf5(path)
  writer.write('x', Float32Array.of(1), { units: '' })
  t.notOk(existsSync(path))
  writer.discard()
  t.strictSame(readdirSync(dirname(path)), [])
  await t.rejects(
    writeHdf5(path, {}, () => Promise.reject(new WorkError('a', 'b', 'c'))),
    WorkError,
  )
  t.strictSame(readdirSync(dirname(path)), [], 'a failed writer leaves nothing')
  await writeHdf5(path, {}, file => file.write('x', Float32Array.of(2), { units: '' }))
  t.strictSame(readdirSync(dirname(path)), ['x.h5'])
  await t.rejects(createHdf5(path), UsageError)
  await writeHdf5(path, { force: true }, file => file.write('x', Float32Array.of(3), { units: '' }))
  t.strictSame(await withHdf5(path, file => file.dataset('/x').read()), Float32Array.of(3))
})

t.test('a file cut short at any place is an error of ours, never zeros and never a crash', async t => {
  const path = at('whole.h5')
  const values = Float32Array.from({ length: 6000 }, (_, i) => Math.sin(i))
  await writeHdf5(path, {}, writer => writer.write('x', values, { shape: [60, 100], units: '', chunkRows: 10 }))
  const bytes = readFileSync(path)
  for (let part = 1; part < 16; part++) {
    const cut = at(`cut-${part}.h5`)
    writeFileSync(cut, bytes)
    truncateSync(cut, Math.floor((bytes.length * part) / 16))
    await t.rejects(
      withHdf5(cut, file => file.dataset('/x').read()),
      DataError,
      `${part}/16 of the file`,
    )
  }
})

t.test('a damaged chunk is an error that names the dataset', async t => {
  const path = at('damaged.h5')
  await writeHdf5(path, {}, writer =>
    writer.write(
      'x',
      Float32Array.from({ length: 5000 }, (_, i) => Math.sqrt(i)),
      { units: '' },
    ),
  )
  const bytes = readFileSync(path)
  bytes.fill(0x55, bytes.length >> 1, (bytes.length >> 1) + 1000)
  writeFileSync(path, bytes)
  await t.rejects(
    withHdf5(path, file => file.dataset('/x').read()),
    /\/x in/,
  )
})

t.test('a missing dataset, a missing file and a folder are refused in one line', async t => {
  const path = at('small.h5')
  await writeHdf5(path, {}, writer => writer.write('x', Float32Array.of(1), { units: '' }))
  await t.rejects(
    withHdf5(path, async file => file.dataset('/y')),
    /got nothing there/,
  )
  await t.rejects(openHdf5(at('absent.h5')), /got no file/)
  await t.rejects(openHdf5(at('.')), /got a folder/)
})

t.test('a signal stops the slices', async t => {
  const path = at('signal.h5')
  await writeHdf5(path, {}, writer => writer.write('x', new Float32Array(100), { units: '' }))
  const controller = new AbortController()
  const file = await openHdf5(path)
  t.teardown(() => file.close())
  let seen = 0
  const reading = (async () => {
    for await (const slice of slices(file, '/x', { rows: 10, signal: controller.signal })) {
      seen += slice.shape[0]
      if (seen === 30) controller.abort()
    }
  })()
  await t.rejects(reading, Interrupted)
  t.equal(seen, 30)
})

t.test('ragged objects are the same under both conventions of offsets', async t => {
  const lengths = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 12 })
  let run = 0
  await fc.assert(
    fc.asyncProperty(lengths, fc.boolean(), async (counts, ends) => {
      const total = counts.reduce((a, b) => a + b, 0)
      const starts = [0, ...counts.map((_, i) => counts.slice(0, i + 1).reduce((a, b) => a + b, 0))]
      const path = at(`ragged-${run++}.h5`)
      await writeHdf5(path, {}, writer => {
        writer.write(
          'v',
          Float64Array.from({ length: total }, (_, i) => i),
          { units: 'km/s' },
        )
        writer.write('ptr', BigInt64Array.from(ends ? starts.slice(1) : starts, BigInt), { units: '' })
      })
      await withHdf5(path, async file => {
        const stored = await file.dataset('/ptr').read()
        if (!isNumeric(stored)) throw new Error('no numbers')
        const offsets = startOffsets(path, stored, total, counts.length)
        t.strictSame([...offsets], starts)
      })
    }),
    { numRuns: 15, seed: 7 },
  )
})

t.test('offsets that fall, or do not end at the last row, are refused', async t => {
  t.throws(() => startOffsets('f', Int32Array.of(0, 5, 3), 3), DataError)
  t.throws(() => startOffsets('f', Int32Array.of(0, 5), 6), DataError)
  t.throws(() => startOffsets('f', Int32Array.of(2, 5), 5, 3), DataError)
  t.strictSame([...startOffsets('f', Int32Array.of(2, 5), 5, 2)], [0, 2, 5])
  t.strictSame(
    [...startOffsets('f', Int32Array.of(0, 5), 5, 2)],
    [0, 0, 5],
    'n end offsets where the first object is empty',
  )
})
