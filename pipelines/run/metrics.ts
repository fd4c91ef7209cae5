import { open, readFile } from 'node:fs/promises'
import { writeAtomic } from '../../io/atomic.js'

/** One line of metrics.jsonl: the number of steps done and what was measured. */
export interface MetricsRow {
  readonly step: number
  readonly [name: string]: unknown
}

/** metrics.jsonl, open for appending. */
export interface MetricsFile {
  append(row: MetricsRow): Promise<void>
  /** Makes sure that the rows are on the disk; done before a checkpoint that claims them. */
  flush(): Promise<void>
  close(): Promise<void>
}

/**
 * Opens the metrics of a run that goes on after `step` steps: rows beyond it, which a killed run left behind, are taken
 * away with a torn last line, so that the file reads as if the run had never stopped.
 */
export async function openMetrics(path: string, step: number): Promise<MetricsFile> {
  const kept = (await readMetrics(path)).filter(row => row.step <= step)
  writeAtomic(path, kept.map(row => `${JSON.stringify(row)}\n`).join(''))
  const file = await open(path, 'a')
  return {
    append: async row => {
      await file.appendFile(`${JSON.stringify(row)}\n`)
    },
    flush: () => file.sync(),
    close: () => file.close(),
  }
}

/**
 * The rows of metrics.jsonl; none where there is no file. What is not a whole row, as the last line of a killed run, is
 * left out.
 */
export async function readMetrics(path: string): Promise<MetricsRow[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  return text.split('\n').flatMap(line => {
    try {
      const row: unknown = JSON.parse(line)
      return isRow(row) ? [row] : []
    } catch {
      return []
    }
  })
}

function isRow(value: unknown): value is MetricsRow {
  return typeof value === 'object' && value !== null && 'step' in value && typeof value.step === 'number'
}
