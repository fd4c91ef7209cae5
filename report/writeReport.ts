import { writeAtomic } from '../io/atomic.js'
import type { ReportData } from './reportData.js'
import { reportPage } from './reportPage.js'

/**
 * Writes the report as one HTML file; a reader finds the whole report, the earlier one or none.
 *
 * @throws WorkError where the file cannot be written; nothing is left half-written
 */
export function writeReport(path: string, data: ReportData): void {
  writeAtomic(path, reportPage(data))
}
