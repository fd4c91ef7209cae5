import { DataError, UsageError } from '../core/index.js'

/** A file that is open. */
interface Opened {
  readonly path: string
  close(): void
}

/** Rows of one of several files. */
export interface RowsOfOne<S> {
  readonly source: S
  readonly begin: number
  readonly end: number
}

/**
 * Opens files that are read as one; where one fails, those before it are closed.
 *
 * @param design what they must agree on, by its name in words: `{ box: '100 x 100 x 100' }`
 * @param kind   what is in them: `fields`
 * @throws UsageError for no file, DataError where they do not agree
 */
export async function openTogether<S extends Opened>(
  paths: string | readonly string[],
  open: (path: string) => Promise<S>,
  design: (source: S) => Readonly<Record<string, string>>,
  kind: string,
): Promise<S[]> {
  const list = typeof paths === 'string' ? [paths] : paths
  if (list.length === 0) throw new UsageError(`expected at least one file of ${kind}`, 'got none', 'name one by --data')
  const sources: S[] = []
  try {
    for (const path of list) {
      const source = await open(path)
      sources.push(source)
      requireSame(sources[0], source, design)
    }
    return sources
  } catch (error) {
    for (const source of sources) source.close()
    throw error
  }
}

function requireSame<S extends Opened>(
  first: S,
  other: S,
  design: (source: S) => Readonly<Record<string, string>>,
): void {
  const found = design(other)
  for (const [what, wanted] of Object.entries(design(first))) {
    if (found[what] === wanted) continue
    throw new DataError(
      `expected the ${what} ${wanted} of ${first.path}`,
      `got ${found[what]} in ${other.path}`,
      'give files of one design',
    )
  }
}

/** Rows `from` to `to`, counted over all files, as rows of each. */
export function rowsOfEach<S>(
  sources: readonly S[],
  countOf: (source: S) => number,
  from: number,
  to: number,
): RowsOfOne<S>[] {
  let first = 0
  return sources.flatMap(source => {
    const count = countOf(source)
    const [begin, end] = [Math.max(from - first, 0), Math.min(to - first, count)]
    first += count
    return begin < end ? [{ source, begin, end }] : []
  })
}
