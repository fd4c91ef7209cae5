import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { DataError, UsageError } from '../../core/index.js'
import { createNpy, npySlices, readNpy, readNpyHeader, writeNpy } from '../../io/index.js'
import { temporaryFolder } from './temporary.js'

const at = temporaryFolder()

t.test('what was written is read, whole and by slices of any length', async t => {
  let run = 0
  await fc.assert(
    fc.asyncProperty(
      fc.float64Array({ maxLength: 60 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 9 }),
      async (values, width, rows) => {
        const whole = values.slice(0, values.length - (values.length % width))
        const path = at(`${run++}.npy`)
        writeNpy(path, whole, [whole.length / width, width])
        t.strictSame((await readNpy(path)).values, whole)
        const got: number[] = []
        for await (const slice of npySlices(path, { rows })) got.push(...(slice.values as Float64Array))
        t.strictSame(got, [...whole])
      },
    ),
    { numRuns: 30, seed: 1 },
  )
})

/** A file as NumPy writes it: magic, version, length, header, values. */
function npy(version: number, header: string, values: Uint8Array): Buffer {
  const text = Buffer.from(`${header}\n`, version >= 3 ? 'utf8' : 'latin1')
  const head = Buffer.alloc(version >= 2 ? 12 : 10)
  head.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0])
  if (version >= 2) head.writeUInt32LE(text.length, 8)
  else head.writeUInt16LE(text.length, 8)
  return Buffer.concat([head, text, values])
}

for (const version of [1, 2, 3]) {
  t.test(`version ${version}, both orders of bytes and of axes give one array`, async t => {
    for (const [order, littleEndian] of [
      ['<', true],
      ['>', false],
    ] as const) {
      for (const fortran of [false, true]) {
        const bytes = new DataView(new ArrayBuffer(8 * 24))
        // value at (i, j, k) of [2, 3, 4] is 100 i + 10 j + k
        for (let i = 0; i < 2; i++)
          for (let j = 0; j < 3; j++)
            for (let k = 0; k < 4; k++)
              bytes.setFloat64(
                8 * (fortran ? i + 2 * (j + 3 * k) : (i * 3 + j) * 4 + k),
                100 * i + 10 * j + k,
                littleEndian,
              )
        const path = at(`order-${version}-${littleEndian}-${fortran}.npy`)
        const header = `{'descr': '${order}f8', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (2, 3, 4), }`
        writeFileSync(path, npy(version, header, new Uint8Array(bytes.buffer)))
        const { shape, values } = await readNpy(path)
        t.strictSame(shape, [2, 3, 4])
        t.equal(values[(1 * 3 + 2) * 4 + 3], 123)
        t.equal(values[(0 * 3 + 1) * 4 + 2], 12)
        for await (const slice of npySlices(path, { from: 1, rows: 1 })) t.equal(slice.values[2 * 4 + 1], 121)
      }
    }
  })
}

t.test('bytes are those of NumPy', t => {
  // python -c "import numpy, sys; numpy.save(sys.stdout.buffer, numpy.arange(6, dtype='f4').reshape(2, 3))" | head -c
  // 128   numpy 2.3
  const path = at('golden.npy')
  writeNpy(path, Float32Array.of(0, 1, 2, 3, 4, 5), [2, 3])
  const bytes = readFileSync(path)
  t.equal(bytes.length, 128 + 24)
  t.equal(
    bytes.subarray(10, 128).toString('latin1').trimEnd(),
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }",
  )
  t.end()
})

t.test('bad files and bad shapes are refused', async t => {
  const path = at('short.npy')
  writeNpy(path, new Float64Array(10))
  truncateSync(path, 150)
  t.throws(() => readNpyHeader(path), /cut short/)
  const objects = at('objects.npy')
  writeFileSync(objects, npy(1, "{'descr': '|O', 'fortran_order': False, 'shape': (2,), }", new Uint8Array(16)))
  t.throws(() => readNpyHeader(objects), DataError)
  writeFileSync(at('text.npy'), 'no array at all')
  t.throws(() => readNpyHeader(at('text.npy')), /another format/)
  t.throws(() => writeNpy(at('bad.npy'), new Float32Array(5), [2, 3]), UsageError)
  t.throws(() => readNpyHeader(at('absent.npy')), /no file/)
  const writer = createNpy(at('pieces.npy'), 'f4', [4])
  writer.append(new Float32Array(3))
  t.throws(() => writer.close(), UsageError, 'a value is missing')
  t.notOk(existsSync(at('pieces.npy')))
})

const camels = '../shared/data/cosmology/camels/Pk_galaxies_IllustrisTNG_LH_33_kmax=20.0.npy'
t.test('a file of others', { skip: existsSync(camels) ? false : 'no ../shared/data beside the checkout' }, async t => {
  const { shape, values } = await readNpy(camels)
  t.strictSame(shape, [1000, 79])
  t.ok(values instanceof Float32Array && values.every(value => value > 0))
})
