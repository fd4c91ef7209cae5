import { randomUUID } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { messageOf, WorkError } from '../core/index.js'
import type { ReportData } from './reportData.js'
import { reportPage } from './reportPage.js'

/**
 * Writes the report as one HTML file. Written beside its place, flushed and renamed, so that a reader finds the whole
 * report, the earlier one or none.
 *
 * @throws WorkError where the file cannot be written; nothing is left half-written
 */
export async function writeReport(path: string, data: ReportData): Promise<void> {
  const page = reportPage(data)
  const draft = join(dirname(path), `.report-${randomUUID()}.tmp`)
  try {
    await mkdir(dirname(path), { recursive: true })
    const file = await open(draft, 'wx')
    try {
      await file.writeFile(page)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(draft, path)
  } catch (cause) {
    await rm(draft, { force: true })
    throw new WorkError(
      `expected to write the report to ${path}`,
      messageOf(cause),
      'free space, or choose another place with --out',
      { cause },
    )
  }
}
