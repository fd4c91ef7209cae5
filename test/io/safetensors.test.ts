import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { DataError, WorkError } from '../../core/index.js'
import { readSafetensors, writeAtomic, writeSafetensors } from '../../io/index.js'
import { temporaryFolder } from './temporary.js'

const at = temporaryFolder()

t.test('what was written is read, and equal tensors give equal bytes in whatever order they come', t => {
  const tensor = fc.oneof(fc.float32Array(), fc.float64Array(), fc.int32Array(), fc.uint8Array(), fc.bigInt64Array())
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z.]{1,9}$/), tensor, { maxKeys: 6 }), values => {
      const tensors = Object.fromEntries(
        Object.entries(values).map(([name, own]) => [name, { shape: [own.length], values: own }]),
      )
      writeSafetensors(at('a.safetensors'), tensors, { step: '3', kind: 'ema' })
      writeSafetensors(at('b.safetensors'), Object.fromEntries(Object.entries(tensors).reverse()), {
        kind: 'ema',
        step: '3',
      })
      t.strictSame(readFileSync(at('a.safetensors')), readFileSync(at('b.safetensors')))
      const back = readSafetensors(at('a.safetensors'))
      t.strictSame(back.metadata, { kind: 'ema', step: '3' })
      for (const [name, own] of Object.entries(values)) t.strictSame(back.tensors[name].values, own)
      t.equal(Object.keys(back.tensors).length, Object.keys(values).length)
    }),
    { numRuns: 40, seed: 11 },
  )
  t.end()
})

t.test('the bytes are those of the safetensors library', t => {
  // python -c "from safetensors.numpy import save; import numpy; print(save({'b': numpy.arange(2, dtype='f4'), 'a':
  // numpy.array([[7]], dtype='i4')}).hex())"
  const path = at('golden.safetensors')
  writeSafetensors(path, {
    b: { shape: [2], values: Float32Array.of(0, 1) },
    a: { shape: [1, 1], values: Int32Array.of(7) },
  })
  const header =
    '{"a":{"dtype":"I32","shape":[1,1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}'
  const bytes = readFileSync(path)
  t.equal(bytes.readBigUInt64LE(0), 112n)
  t.equal(bytes.subarray(8, 120).toString().trimEnd(), header)
  t.equal(bytes.subarray(120).toString('hex'), '07000000000000000000803f')
  t.end()
})

t.test('a checkpoint cut short anywhere is refused', t => {
  const path = at('cut.safetensors')
  writeSafetensors(path, { w: { shape: [4, 5], values: new Float32Array(20) } })
  const whole = readFileSync(path)
  for (let length = 0; length < whole.length; length++) {
    writeFileSync(path, whole)
    truncateSync(path, length)
    t.throws(() => readSafetensors(path), DataError)
  }
  writeFileSync(path, Buffer.concat([whole, Buffer.from([0])]))
  t.throws(() => readSafetensors(path), DataError, 'and one that is too long')
  t.end()
})

t.test('an atomic write leaves one file; one that fails leaves none', t => {
  const path = at('atomic/a.txt')
  writeAtomic(path, 'one')
  writeAtomic(path, 'two')
  t.equal(readFileSync(path, 'utf8'), 'two')
  t.strictSame(readdirSync(dirname(path)), ['a.txt'])
  t.throws(() => writeAtomic(at('atomic/a.txt/below'), 'x'), WorkError)
  t.throws(() => writeAtomic(at('atomic'), 'x'), WorkError, 'a folder lies there')
  t.strictSame(
    readdirSync(at('.')).filter(name => name.includes('partial')),
    [],
  )
  t.end()
})
