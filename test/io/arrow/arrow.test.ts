import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { RecordBatchFileWriter, tableFromArrays } from 'apache-arrow'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { DataError, UsageError } from '../../../core/index.js'
import { type ArrowBatch, type Column, createArrow, isNumeric, openArrow } from '../../../io/index.js'
import { temporaryFolder } from '../temporary.js'

const at = temporaryFolder()
const root = '../shared/data/arrow'
const skip = existsSync(root) ? false : 'no ../shared/data beside the checkout'

async function batchesOf(path: string): Promise<ArrowBatch[]> {
  const file = openArrow(path)
  try {
    const out: ArrowBatch[] = []
    for await (const batch of file.batches()) out.push(batch)
    return out
  } finally {
    file.close()
  }
}

t.test('vectors, ragged lists and text come back batch by batch', async t => {
  const lists = fc.array(fc.array(fc.float({ noNaN: true }), { maxLength: 4 }), { minLength: 1, maxLength: 6 })
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(lists, { minLength: 1, maxLength: 4 }), async all => {
      const path = at(`${run++}.arrow`)
      const writer = createArrow(
        path,
        [
          { name: 'v', dtype: 'f4', rowShape: [2, 3], metadata: { units: 'Mpc/h' } },
          { name: 'r', dtype: 'f4', ragged: true },
          { name: 's', dtype: 'string' },
          { name: 'n', dtype: 'i8' },
        ],
        { metadata: { box: '1000' } },
      )
      for (const rows of all) {
        const offsets = [0, ...rows.map((_, i) => rows.slice(0, i + 1).flat().length)]
        writer.append(
          {
            v: Float32Array.from({ length: 6 * rows.length }, (_, i) => i),
            r: { values: Float32Array.from(rows.flat()), offsets },
            s: rows.map(row => `ü${row.length}`),
            n: BigInt64Array.from(rows, row => BigInt(row.length) << 40n),
          },
          rows.length,
        )
      }
      writer.close()
      const batches = await batchesOf(path)
      t.equal(batches.length, all.length)
      all.forEach((rows, b) => {
        const { columns } = batches[b]
        t.strictSame(
          columns.v,
          Float32Array.from({ length: 6 * rows.length }, (_, i) => i),
        )
        t.strictSame(
          (columns.r as readonly Float32Array[]).map(row => [...row]),
          rows.map(row => row.map(Math.fround)),
        )
        t.strictSame(
          columns.s,
          rows.map(row => `ü${row.length}`),
        )
        t.strictSame(
          columns.n,
          BigInt64Array.from(rows, row => BigInt(row.length) << 40n),
        )
      })
      const file = openArrow(path)
      t.strictSame(
        [file.metadata, file.columns[0].metadata, file.columns[0].rowShape],
        [{ box: '1000' }, { units: 'Mpc/h' }, [2, 3]],
      )
      file.close()
    }),
    { numRuns: 15, seed: 5 },
  )
})

t.test('what apache-arrow itself writes (a file with its schema in the footer only) is read', async t => {
  const path = at('footer.arrow')
  writeFileSync(
    path,
    RecordBatchFileWriter.writeAll(tableFromArrays({ a: Float64Array.of(1, 2), b: ['x', 'y'] })).toUint8Array(true),
  )
  const [{ columns, rows }] = await batchesOf(path)
  t.equal(rows, 2)
  t.strictSame(columns.a, Float64Array.of(1, 2))
  t.strictSame(columns.b, ['x', 'y'])
})

t.test(
  'nothing lies at the path before close; unasked nothing is overwritten; a file cut short is refused',
  async t => {
    const path = at('cut.arrow')
    const writer = createArrow(path, [{ name: 'x', dtype: 'f8' }])
    t.throws(() => writer.append({ x: Float32Array.of(1) }, 1), UsageError)
    writer.append({ x: new Float64Array(1000) }, 1000)
    t.notOk(existsSync(path))
    writer.close()
    t.throws(() => createArrow(path, [{ name: 'x', dtype: 'f8' }]), UsageError)
    const whole = readFileSync(path)
    for (const length of [1, 7, 20, 100, 300, 4000]) {
      writeFileSync(path, whole)
      truncateSync(path, length)
      await t.rejects(batchesOf(path), DataError, `${length} bytes`)
    }
  },
)

const fuzz = join(root, 'fuzz/arrow-ipc-stream')
for (const name of skip ? [] : readdirSync(fuzz)) {
  t.test(`malformed: ${name} ends in values or in an error of bad data`, async t => {
    try {
      t.ok((await batchesOf(join(fuzz, name))).every(batch => batch.rows >= 0))
    } catch (error) {
      t.ok(error instanceof DataError, String(error))
    }
  })
}

interface GoldenColumn {
  readonly name: string
  readonly VALIDITY?: readonly number[]
  readonly DATA?: readonly (string | number)[]
  readonly children?: readonly GoldenColumn[]
}

/** What the format cannot give us as numbers, text or lists of them; the whole message is tested to be one line. */
const refused = /decimal|interval|map|union|view|run_end|compress|lz4|zstd|bigendian|duplicate|nested|large_offsets/

for (const folder of skip ? [] : readdirSync(join(root, 'integration'))) {
  for (const name of readdirSync(join(root, 'integration', folder)).filter(name => !name.endsWith('.gz'))) {
    t.test(`golden: ${folder}/${name}`, async t => {
      const path = join(root, 'integration', folder, name)
      const json = path.replace(/\.(stream|arrow_file)$/, '.json.gz')
      let batches: ArrowBatch[]
      try {
        batches = await batchesOf(path)
      } catch (error) {
        t.ok(error instanceof DataError && !error.message.includes('\n'), String(error))
        t.match(`${folder}/${name}`, refused, 'a file that we should read')
        return
      }
      const golden = JSON.parse(gunzipSync(readFileSync(json)).toString()) as Golden
      const full = golden.batches.filter(batch => batch.count > 0)
      t.strictSame(
        batches.map(batch => batch.rows),
        full.map(batch => batch.count),
        'batches without rows are passed over',
      )
      full.forEach((batch, b) => {
        for (const column of batch.columns)
          compare(t, inWords(golden, column), batches[b].columns[column.name], batches[b].valid[column.name])
      })
    })
  }
}

interface Golden {
  readonly schema: {
    readonly fields: readonly { readonly name: string; readonly dictionary?: { readonly id: number } }[]
  }
  readonly dictionaries?: readonly {
    readonly id: number
    readonly data: { readonly columns: readonly GoldenColumn[] }
  }[]
  readonly batches: readonly { readonly count: number; readonly columns: readonly GoldenColumn[] }[]
}

/** The JSON gives the indices of a dictionary column; we give its words. */
function inWords(golden: Golden, column: GoldenColumn): GoldenColumn {
  const id = golden.schema.fields.find(field => field.name === column.name)?.dictionary?.id
  const words = golden.dictionaries?.find(dictionary => dictionary.id === id)?.data.columns[0]
  if (id === undefined || !words?.DATA) return column
  const valid = column.DATA?.map((index, i) =>
    column.VALIDITY?.[i] === 0 || words.VALIDITY?.[Number(index)] === 0 ? 0 : 1,
  )
  return { ...column, DATA: column.DATA?.map(index => words.DATA?.[Number(index)] ?? ''), VALIDITY: valid }
}

/** Single numbers, truth values and text, where they are valid. */
function compare(t: Test, golden: GoldenColumn, got: Column, valid?: Uint8Array): void {
  if (
    golden.DATA === undefined ||
    golden.children?.length ||
    (!isNumeric(got) && typeof (got as readonly unknown[])[0] !== 'string')
  )
    return
  let wrong: string | undefined
  golden.DATA.forEach((wanted, i) => {
    const present = golden.VALIDITY?.[i] !== 0
    if (valid && Boolean(valid[i]) !== present) wrong ??= `${golden.name}[${i}] is ${present ? '' : 'not '}valid`
    if (!present) return
    const value = (got as ArrayLike<unknown>)[i]
    const same =
      typeof value === 'string'
        ? value === wanted
        : Number(value) === Number(wanted) ||
          Math.abs(Number(value) - Number(wanted)) <= 1e-3 * Math.abs(Number(wanted))
    if (!same) wrong ??= `${golden.name}[${i}] is ${String(value)}, not ${wanted}`
  })
  t.equal(wrong, undefined, golden.name)
}
