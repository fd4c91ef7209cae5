import { existsSync } from 'node:fs'
import { extname } from 'node:path'
import { DataError, type Key, makeKey } from '../../core/index.js'
import { toFloat64 } from '../../io/columns.js'
import { csvRows } from '../../io/csv.js'
import { type ObservationForm, rowOf } from './form.js'
import { openRows } from './simulationTables.js'

/**
 * One observation as the row of numbers that a model takes. A csv of one line of numbers, with a header of the columns'
 * names (`x_NAME` or `NAME`, in whatever order) or without one (in the order of the training); of a set a line a point.
 * Or row `index` of x in a table.
 *
 * @throws DataError for another length, a name that is not there, NaN or infinity
 */
export async function readObservation(
  path: string,
  form: ObservationForm,
  key: Key,
  signal: AbortSignal,
): Promise<Float64Array> {
  const table = extname(path).toLowerCase() !== '.csv'
  const values = table ? await fromTable(path, signal) : await fromCsv(path, form, signal)
  const bad = values.findIndex(value => !Number.isFinite(value))
  if (bad >= 0) {
    const name = form.kind === 'vector' ? (form.names[bad] ?? `number ${bad + 1}`) : `number ${bad + 1}`
    throw new DataError(
      `expected finite numbers in ${path}`,
      `got ${values[bad]} for ${name}`,
      'mend it: a method learns from whole observations only',
    )
  }
  if (form.kind === 'set') {
    if (values.length === 0 || values.length % form.features !== 0) {
      throw new DataError(
        `expected points of ${form.features} numbers in ${path}`,
        `got ${values.length} numbers`,
        'give a line a point',
      )
    }
    return Float64Array.from(rowOf(form, values, key))
  }
  if (values.length !== form.width) {
    throw new DataError(
      `expected ${form.width} numbers in ${path} (${form.names.join(', ')})`,
      `got ${values.length}`,
      'give one row of the columns that the model was trained on',
    )
  }
  return values
}

/**
 * One observation whose columns nobody has named yet: they are named by its own header, or numbered. With `names` as
 * `readObservation`.
 */
export async function observationIn(
  path: string,
  names: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<{ readonly x: Float64Array; readonly names: readonly string[] }> {
  const own = names ?? (await namesIn(path, signal))
  const form: ObservationForm = { kind: 'vector', width: own.length, names: own }
  return { x: await readObservation(path, form, makeKey(0), signal), names: own }
}

async function namesIn(path: string, signal: AbortSignal): Promise<string[]> {
  const numbered = (count: number) => Array.from({ length: count }, (_, i) => String(i + 1))
  if (extname(path).toLowerCase() !== '.csv') return numbered((await fromTable(path, signal)).length)
  let first: string[] | undefined
  let lines = 0
  for await (const { cells } of csvRows(path, { signal })) {
    first ??= cells.map(cell => cell.trim())
    lines++
  }
  if (first === undefined)
    throw new DataError(`expected an observation in ${path}`, 'got an empty file', 'check the path')
  if (!first.every(isNumber)) return first.map(name => name.replace(/^x_/, ''))
  return numbered(first.length === 1 ? lines : first.length)
}

/** Whether a cell holds a number, or says that there is none. */
function isNumber(cell: string): boolean {
  return cell === '' || /^(nan|na|null)$/i.test(cell) || !Number.isNaN(numberOf(cell))
}

async function fromCsv(path: string, form: ObservationForm, signal: AbortSignal): Promise<Float64Array> {
  const lines: string[][] = []
  const most = form.kind === 'vector' ? Math.max(2, form.width) + 1 : Number.POSITIVE_INFINITY
  for await (const { cells } of csvRows(path, { signal })) {
    lines.push(cells.map(cell => cell.trim()))
    if (lines.length > most) break
  }
  if (lines.length === 0)
    throw new DataError(`expected an observation in ${path}`, 'got an empty file', 'check the path')
  const header = lines[0].every(isNumber) ? undefined : lines[0]
  const rows = header ? lines.slice(1) : lines
  for (const row of rows) {
    const odd = row.find(cell => !isNumber(cell))
    if (odd !== undefined)
      throw new DataError(`expected numbers in ${path}`, `got ${JSON.stringify(odd.slice(0, 40))}`, 'mend that cell')
  }
  if (rows.length === 0)
    throw new DataError(`expected an observation in ${path}`, 'got a header alone', 'add its numbers')
  if (form.kind === 'set') return Float64Array.from(rows.flat().map(numberOf))
  // One number a line is as good as a line of numbers.
  const flat = rows.length > 1 && rows.every(row => row.length === 1) && form.width > 1 ? [rows.flat()] : rows
  if (flat.length > 1)
    throw new DataError(
      `expected one observation in ${path}`,
      `got ${flat.length >= most ? 'more than one row' : `${flat.length} rows`}`,
      'give one row',
    )
  const values = flat[0].map(numberOf)
  return header && header.length === values.length
    ? byName(path, header, values, form.names)
    : Float64Array.from(values)
}

/** Names are those of the training, or columns that no name of it is among: then the order is meant. */
function byName(
  path: string,
  header: readonly string[],
  values: readonly number[],
  names: readonly string[],
): Float64Array {
  const plain = header.map(name => (names.includes(name) ? name : name.replace(/^x_/, '')))
  if (!plain.some(name => names.includes(name))) return Float64Array.from(values)
  return Float64Array.from(names, name => {
    const at = plain.indexOf(name)
    if (at >= 0) return values[at]
    throw new DataError(`expected a column x_${name} in ${path}`, `got ${header.join(', ')}`, 'add it')
  })
}

async function fromTable(path: string, signal: AbortSignal): Promise<Float64Array> {
  if (!existsSync(path)) throw new DataError(`expected an observation at ${path}`, 'got no file', 'check the path')
  const table = await openRows(path)
  try {
    if (table.rows !== 1)
      throw new DataError(`expected one observation in ${path}`, `got ${table.rows} rows`, 'give one row')
    for await (const { columns } of table.batches(signal)) {
      const x = columns.x
      if (x !== undefined && 'offsets' in x) return toFloat64(x.values)
      if (x !== undefined && ArrayBuffer.isView(x)) return toFloat64(x)
    }
  } finally {
    table.close()
  }
  throw new DataError(`expected x in ${path}`, 'got none', 'rename what holds it')
}

function numberOf(cell: string): number {
  if (cell === '' || /^(nan|na|null)$/i.test(cell)) return Number.NaN
  const inf = /^([-+]?)inf(inity)?$/i.exec(cell)
  if (inf) return inf[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  return Number(cell)
}
