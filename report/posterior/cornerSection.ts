import { escapeHtml } from '../html.js'
import type { Section } from '../page.js'
import { type CornerData, cornerPlot, withoutUnit } from './cornerPlot.js'

/** What a section on a posterior shows. */
export interface CornerSectionData extends CornerData {
  /** A sentence below the figure */
  readonly note?: string
}

/** Pixels that a parameter takes at least. */
const leastPanelWidth = 100

/** The posterior in pairs of parameters. */
export function cornerSection({ note, ...corner }: CornerSectionData): Section {
  const description = `Corner plot of the posterior: ${corner.labels.map(withoutUnit).join(', ')}`
  const caption = [
    'Contours hold 68% and 95% of the draws; above each marginal its median and 68% interval.',
    ...(corner.prior ? ['Dotted: the prior.'] : []),
    ...(note === undefined ? [] : [note]),
  ].join(' ')
  // On a phone the text of many panels would be too small to read: the figure scrolls instead
  const least = leastPanelWidth * corner.labels.length
  const plot = `<div class="scroll"><div style="min-width:${least}px">${cornerPlot({ ...corner, description })}</div></div>`
  const html = `<figure class="wide">${plot}<figcaption>${escapeHtml(caption)}</figcaption></figure>`
  return { title: 'Posterior', html }
}
