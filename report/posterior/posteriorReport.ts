import { writeAtomic } from '../../io/atomic.js'
import { escapeHtml } from '../html.js'
import { htmlPage } from '../page.js'
import type { Fact, Timing } from '../reportData.js'
import { calibrationSection } from './calibrationSection.js'
import { type CornerData, cornerPlot } from './cornerPlot.js'
import type { CalibrationReport } from './dwarfReportData.js'

/** Everything a report on a posterior of whatever parameters shows. What is absent is left out. */
export interface PosteriorReportData {
  readonly title: string
  /** one or two sentences: what was run, on what */
  readonly lead: string
  readonly facts: readonly Fact[]
  /** Shown first and loud */
  readonly warnings?: readonly string[]
  readonly notes?: readonly string[]
  readonly corner?: CornerData
  readonly calibrations?: readonly CalibrationReport[]
  readonly timings: readonly Timing[]
  readonly environment: readonly Fact[]
  readonly provenance: readonly Fact[]
}

/** The whole report as one HTML text that fetches nothing and runs nothing. */
export function posteriorPage(data: PosteriorReportData): string {
  const { warnings = [], notes = [], corner, calibrations = [] } = data
  const warned = warnings.map(text => `<p class="missed">${escapeHtml(text)}</p>`).join('')
  const noted = notes.map(text => `<p class="note">${escapeHtml(text)}</p>`).join('')
  return htmlPage({
    ...data,
    sections: [warned + noted, ...(corner ? [cornerSection(corner)] : []), ...calibrations.map(calibrationSection)],
    footer: 'Made by Stipple. One file: all figures are inside, nothing is fetched.',
  })
}

/**
 * Writes the report as one HTML file; a reader finds the whole report, the earlier one or none.
 *
 * @throws WorkError where the file cannot be written; nothing is left half-written
 */
export function writePosteriorPage(path: string, data: PosteriorReportData): void {
  writeAtomic(path, posteriorPage(data))
}

function cornerSection(corner: CornerData): string {
  const description = `Corner plot of the posterior: ${corner.labels.join(', ')}`
  const caption = `Contours hold 68% and 95% of the draws; above each marginal its median and 68% interval.${corner.prior ? ' Dotted: the prior.' : ''}`
  const figure = `<figure class="wide">${cornerPlot({ ...corner, description })}<figcaption>${caption}</figcaption></figure>`
  return `<section><h2>Posterior</h2>${figure}</section>`
}
