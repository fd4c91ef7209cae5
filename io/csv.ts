import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { DataError, UsageError } from '../core/index.js'
import { writeAtomic } from './atomic.js'
import { stopIfAborted, yieldToEventLoop } from './eventLoop.js'
import { RowSplitter } from './rowSplitter.js'

export interface CsvOptions {
  /** Default: a comma; `readTable` finds blanks by itself */
  readonly separator?: string
  /** Rows a batch; default 65536 */
  readonly rows?: number
  readonly signal?: AbortSignal
}

/** Rows `start` … of a table, one typed column a name. An empty cell, `nan` and `NA` are NaN. */
export interface CsvBatch {
  readonly start: number
  readonly rows: number
  readonly columns: Readonly<Record<string, Float64Array>>
}

const chunkBytes = 1 << 20

/**
 * The rows of a csv file as text, in bounded pieces of memory: quoted cells may hold separators, doubled quotes and
 * line ends (RFC 4180); lines that are empty or begin with `#` are passed over.
 */
export async function* csvRows(
  path: string,
  options: CsvOptions = {},
): AsyncGenerator<{ line: number; cells: string[] }> {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found?.isFile())
    throw new DataError(`expected a csv file at ${path}`, found ? 'got a folder' : 'got no file', 'check the path')
  const descriptor = openSync(path, 'r')
  try {
    const splitter = new RowSplitter(path, options.separator ?? ',')
    const decoder = new TextDecoder()
    const bytes = Buffer.alloc(chunkBytes)
    for (;;) {
      stopIfAborted(options.signal)
      const got = readSync(descriptor, bytes, 0, bytes.length, null)
      const text = decoder.decode(bytes.subarray(0, got), { stream: got > 0 })
      if (text.includes('\0'))
        throw new DataError(`expected text in ${path}`, 'got zero bytes', 'check that it is a csv file')
      yield* splitter.push(text)
      if (got === 0) break
      await yieldToEventLoop()
    }
    yield* splitter.end()
  } finally {
    closeSync(descriptor)
  }
}

/**
 * A table of numbers with a header line, batch by batch.
 * @throws DataError that names the line: a cell that is no number, a row of another length, two columns of one name
 */
export async function* readCsv(path: string, options: CsvOptions = {}): AsyncGenerator<CsvBatch> {
  const limit = options.rows ?? 65536
  let names: string[] | undefined
  let held: number[][] = []
  let start = 0
  for await (const { line, cells } of csvRows(path, options)) {
    if (!names) {
      names = headerOf(path, cells)
      held = names.map(() => [])
      continue
    }
    if (cells.length !== names.length) {
      throw new DataError(
        `expected ${names.length} cells in line ${line} of ${path}`,
        `got ${cells.length}`,
        'correct that line',
      )
    }
    for (let c = 0; c < cells.length; c++) held[c].push(numberOf(path, line, names[c], cells[c]))
    if (held[0].length === limit) {
      yield batchOf(names, held, start)
      start += limit
      held = names.map(() => [])
    }
  }
  if (!names) throw new DataError(`expected a header line in ${path}`, 'got an empty file', 'check the file')
  if (held[0].length > 0 || start === 0) yield batchOf(names, held, start)
}

/** A whole table. For tables that fit; others go through `readCsv`. */
export async function readCsvTable(path: string, options: CsvOptions = {}): Promise<CsvBatch> {
  const batches: CsvBatch[] = []
  for await (const batch of readCsv(path, options)) batches.push(batch)
  const rows = batches.reduce((sum, batch) => sum + batch.rows, 0)
  const columns = Object.fromEntries(
    Object.keys(batches[0].columns).map(name => {
      const out = new Float64Array(rows)
      for (const batch of batches) out.set(batch.columns[name], batch.start)
      return [name, out]
    }),
  )
  return { start: 0, rows, columns }
}

/**
 * A plain table of numbers without a header (`latin_hypercube_params.txt`): columns apart by blanks or commas, `#`
 * before comments. Row-major.
 */
export async function readPlainTable(
  path: string,
  signal?: AbortSignal,
): Promise<{ rows: number; width: number; values: Float64Array }> {
  const values: number[] = []
  let width = 0
  let rows = 0
  for await (const { line, cells } of csvRows(path, { separator: '\0', signal })) {
    const numbers = cells[0]
      .trim()
      .split(/[\s,]+/)
      .map((cell, i) => numberOf(path, line, `column ${i + 1}`, cell))
    width ||= numbers.length
    if (numbers.length !== width) {
      throw new DataError(
        `expected ${width} numbers in line ${line} of ${path}`,
        `got ${numbers.length}`,
        'correct that line',
      )
    }
    for (const number of numbers) values.push(number)
    rows++
  }
  return { rows, width, values: Float64Array.from(values) }
}

/** Writes columns of equal length with a header, atomically. Numbers keep all their digits. */
export function writeCsv(path: string, columns: Readonly<Record<string, ArrayLike<number | bigint | string>>>): void {
  const names = Object.keys(columns)
  const rows = names.length > 0 ? columns[names[0]].length : 0
  if (names.some(name => columns[name].length !== rows)) {
    throw new UsageError(
      `expected columns of one length for ${path}`,
      `got ${names.map(name => columns[name].length).join(' ')}`,
      'correct them',
    )
  }
  const pieces = [Buffer.from(`${csvLine(names)}\n`)]
  for (let first = 0; first < rows; first += 16384) {
    let text = ''
    for (let row = first; row < Math.min(rows, first + 16384); row++)
      text += `${csvLine(names.map(name => columns[name][row]))}\n`
    pieces.push(Buffer.from(text))
  }
  writeAtomic(path, pieces)
}

/** One line of cells, quoted where they need it. */
export function csvLine(cells: readonly (number | bigint | string)[]): string {
  return cells
    .map(cell =>
      typeof cell === 'string' && /[",\n\r#]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : String(cell),
    )
    .join(',')
}

function headerOf(path: string, cells: readonly string[]): string[] {
  const names = cells.map(cell => cell.trim())
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined)
    throw new DataError(
      `expected different column names in ${path}`,
      `got ${twice || 'an empty one'} twice`,
      'rename one',
    )
  if (names.every(name => name !== '' && !Number.isNaN(Number(name)))) {
    throw new DataError(
      `expected a header line in ${path}`,
      `got numbers (${names.slice(0, 3).join(', ')} …)`,
      'put the names of the columns first',
    )
  }
  return names
}

function numberOf(path: string, line: number, name: string, cell: string): number {
  const text = cell.trim()
  if (text === '' || /^(nan|na|null)$/i.test(text)) return Number.NaN
  const value = /^[-+]?inf(inity)?$/i.test(text)
    ? text.startsWith('-')
      ? Number.NEGATIVE_INFINITY
      : Number.POSITIVE_INFINITY
    : Number(text)
  if (Number.isNaN(value) || /^0[xob]/i.test(text)) {
    throw new DataError(
      `expected a number in column ${name}, line ${line} of ${path}`,
      `got ${JSON.stringify(text.slice(0, 40))}`,
      'correct that cell',
    )
  }
  return value
}

function batchOf(names: readonly string[], held: readonly number[][], start: number): CsvBatch {
  return {
    start,
    rows: held[0].length,
    columns: Object.fromEntries(names.map((name, c) => [name, Float64Array.from(held[c])])),
  }
}
