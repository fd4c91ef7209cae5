import { escapeHtml } from '../html.js'
import type { Section } from '../page.js'
import { type CornerData, cornerPlot, withoutUnit } from './cornerPlot.js'

/** What a section on a posterior shows. */
export interface CornerSectionData extends CornerData {
  /** A sentence below the figure */
  readonly note?: string
}

/** The posterior in pairs of parameters. */
export function cornerSection({ note, ...corner }: CornerSectionData): Section {
  const description = `Corner plot of the posterior: ${corner.labels.map(withoutUnit).join(', ')}`
  const caption = [
    'Contours hold 68% and 95% of the draws; above each marginal its median and 68% interval.',
    ...(corner.prior ? ['Dotted: the prior.'] : []),
    ...(note === undefined ? [] : [note]),
  ].join(' ')
  const figure = `<figure class="wide">${cornerPlot({ ...corner, description })}<figcaption>${escapeHtml(caption)}</figcaption></figure>`
  return { title: 'Posterior', html: figure }
}
