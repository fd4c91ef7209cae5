import { writeFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { DataError } from '../../core/index.js'
import { csvRows, readCsv, readCsvTable, readPlainTable, writeCsv } from '../../io/index.js'
import { temporaryFolder } from './temporary.js'

const at = temporaryFolder()

t.test('numbers come back to the last digit, in batches of any length', async t => {
  let run = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.double(), { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 7 }),
      async (values, rows) => {
        const path = at(`${run++}.csv`)
        writeCsv(path, { a: values, 'b, quoted "so"': values.map((_, i) => i) })
        const got: number[] = []
        for await (const batch of readCsv(path, { rows })) {
          t.equal(batch.start, got.length)
          t.strictSame(batch.columns['b, quoted "so"'][0], batch.start)
          got.push(...batch.columns.a)
        }
        t.strictSame(
          got,
          values.map(value => (Object.is(value, -0) ? 0 : value)),
        )
      },
    ),
    { numRuns: 40, seed: 3 },
  )
})

t.test('cells with separators, quotes and line ends (RFC 4180), CR LF, comments and a byte order mark', async t => {
  const path = at('quoted.csv')
  writeFileSync(path, '\ufeffa,b\r\n# a comment\r\n"x, ""y""\r\nz",2\r\n\r\n3,"4"')
  const rows: { line: number; cells: string[] }[] = []
  for await (const row of csvRows(path)) rows.push(row)
  t.strictSame(rows, [
    { line: 1, cells: ['a', 'b'] },
    { line: 3, cells: ['x, "y"\r\nz', '2'] },
    { line: 6, cells: ['3', '4'] },
  ])
})

t.test('empty cells and nan are NaN', async t => {
  const path = at('nan.csv')
  writeFileSync(path, 'a,b\n1,\nnan,-inf\n')
  t.strictSame((await readCsvTable(path)).columns, {
    a: Float64Array.of(1, Number.NaN),
    b: Float64Array.of(Number.NaN, Number.NEGATIVE_INFINITY),
  })
})

for (const [what, content, message] of [
  ['a word among numbers', 'a,b\n1,2\n3,four\n', /column b, line 3 .*"four"/],
  ['a short row', 'a,b\n1\n', /2 cells in line 2/],
  ['a long row', 'a,b\n1,2,3\n', /2 cells in line 2/],
  ['no header', '1,2\n3,4\n', /header line/],
  ['two columns of one name', 'a,a\n1,2\n', /different column names/],
  ['an open quote', 'a\n"1\n', /closing quote/],
  ['nothing', '', /empty file/],
  ['binary', 'a\0b', /zero bytes/],
] as const) {
  t.test(`${what} is an error that says where`, async t => {
    const path = at('bad.csv')
    writeFileSync(path, content)
    await t.rejects(readCsvTable(path), DataError)
    await t.rejects(readCsvTable(path), message)
  })
}

t.test('plain tables: blanks, comments, no header', async t => {
  const path = at('plain.txt')
  writeFileSync(path, '#Omega_m  h\n  1.5e-1   0.7\n0.2 0.6\n')
  t.strictSame(await readPlainTable(path), { rows: 2, width: 2, values: Float64Array.of(0.15, 0.7, 0.2, 0.6) })
})
