import { writeAtomic } from '../../io/atomic.js'
import { escapeHtml } from '../html.js'
import { htmlPage } from '../page.js'
import { calibrationSection } from './calibrationSection.js'
import type { DwarfReportData } from './dwarfReportData.js'
import { galaxySections } from './galaxySection.js'

/** The whole report on dwarf galaxies as one HTML text that fetches nothing and runs nothing. */
export function dwarfPage(data: DwarfReportData): string {
  const { warnings = [], notes = [], galaxy, calibrations = [] } = data
  const warned = warnings.map(text => `<p class="missed">${escapeHtml(text)}</p>`).join('')
  const noted = notes.map(text => `<p class="note">${escapeHtml(text)}</p>`).join('')
  return htmlPage({
    ...data,
    sections: [warned + noted, ...(galaxy ? galaxySections(galaxy) : []), ...calibrations.map(calibrationSection)],
    footer: 'Made by Stipple. One file: all figures are inside, nothing is fetched.',
  })
}

/**
 * Writes the report as one HTML file; a reader finds the whole report, the earlier one or none.
 *
 * @throws WorkError where the file cannot be written; nothing is left half-written
 */
export function writeDwarfReport(path: string, data: DwarfReportData): void {
  writeAtomic(path, dwarfPage(data))
}
