import { writeAtomic } from '../io/atomic.js'
import { escapeHtml, tableHtml } from './html.js'
import { styleSheet } from './style.js'

/** What every page has, whatever its science. A part that is absent or empty does not appear. */
export interface Page {
  readonly title: string
  /** One or two sentences: what was run, on what */
  readonly lead: string
  /** The figures that a reader wants first */
  readonly facts: readonly Fact[]
  /** Shown first and loud: data outside what the model was trained on, chains that have not converged */
  readonly warnings?: readonly string[]
  /** Shown quietly: what was omitted, what was cut */
  readonly notes?: readonly string[]
  readonly sections: readonly Section[]
  readonly timings: readonly Timing[]
  /** The resolved configuration, as JSON */
  readonly configuration?: unknown
  readonly environment: readonly Fact[]
  /** Where data, code and model come from: files, hashes, versions, seeds, licences */
  readonly provenance: readonly Fact[]
}

/** A part of a page: a heading, and HTML that a function of this room made. */
export interface Section {
  readonly title?: string
  readonly html: string
  /** JavaScript that the HTML needs; a page holds it once, whatever the number of sections that bring it */
  readonly script?: string
}

/** A value with its name, as printed. */
export interface Fact {
  readonly label: string
  readonly value: string
}

/** How long a stage of a run took. */
export interface Timing {
  readonly stage: string
  /** Wall time */
  readonly seconds: number
  readonly detail?: string
}

/**
 * Writes a page as one HTML file. A reader finds the whole page, the earlier one or none.
 *
 * @throws WorkError where the file cannot be written; nothing is left half-written
 */
export function writePage(path: string, page: Page): void {
  writeAtomic(path, renderPage(page))
}

/** A page as one HTML text: style, figures and scripts are inside, and nothing is fetched. */
export function renderPage(page: Page): string {
  const scripts = new Set(page.sections.flatMap(({ script }) => script ?? []))
  const parts = [
    headerHtml(page),
    remarksHtml(page),
    ...page.sections.map(sectionHtml),
    timingsHtml(page.timings),
    recordsHtml(page),
  ]
  const inside = scripts.size > 0 ? 'figures, data of the 3-D views and script are inside' : 'all figures are inside'
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(page.title)}</title>
<style>${styleSheet}</style>
</head>
<body>
<main>
${parts.filter(part => part !== '').join('\n')}
<footer>Made by Stipple. One file: ${inside}, nothing is fetched.</footer>
</main>
${[...scripts].map(script => `<script>${script}</script>\n`).join('')}</body>
</html>
`
}

function headerHtml({ title, lead, facts }: Page): string {
  const items = facts.map(({ label, value }) => `<div><dt>${escapeHtml(label)}</dt><dd>${escapeHtml(value)}</dd></div>`)
  const list = items.length === 0 ? '' : `<dl class="facts">${items.join('')}</dl>`
  return `<header><h1>${escapeHtml(title)}</h1><p class="lead">${escapeHtml(lead)}</p></header>${list}`
}

function remarksHtml({ warnings = [], notes = [] }: Page): string {
  const warned = warnings.map(text => `<p class="missed">${escapeHtml(text)}</p>`)
  const noted = notes.map(text => `<p class="note">${escapeHtml(text)}</p>`)
  return [...warned, ...noted].join('')
}

function sectionHtml({ title, html }: Section): string {
  if (html === '') return ''
  return `<section>${title === undefined ? '' : `<h2>${escapeHtml(title)}</h2>`}${html}</section>`
}

function timingsHtml(timings: readonly Timing[]): string {
  if (timings.length === 0) return ''
  const total = timings.reduce((sum, { seconds }) => sum + seconds, 0)
  const rows = timings.map(({ stage, seconds, detail }) => [
    stage,
    secondsText(seconds),
    { html: `<span class="bar" style="width:${Math.max(1, Math.round((160 * seconds) / total))}px"></span>` },
    detail ?? '',
  ])
  const columns = ['Stage', { number: 'Wall time' }, 'Share', '']
  return sectionHtml({ title: 'Timings', html: tableHtml(columns, [...rows, ['All', secondsText(total), '', '']]) })
}

function secondsText(seconds: number): string {
  if (seconds < 1) return `${Math.round(1000 * seconds)} ms`
  return seconds < 120 ? `${seconds.toFixed(1)} s` : `${(seconds / 60).toFixed(1)} min`
}

function recordsHtml({ environment, provenance, configuration }: Page): string {
  const table = (title: string, facts: readonly Fact[]) => {
    const rows = facts.map(({ label, value }) => [label, value])
    return rows.length === 0 ? '' : `<h3>${title}</h3>${tableHtml(['', ''], rows)}`
  }
  const resolved =
    configuration === undefined
      ? ''
      : `<h3>Configuration</h3><details><summary>The resolved configuration of this run</summary><pre>${escapeHtml(JSON.stringify(configuration, null, 2))}</pre></details>`
  const html = [table('Provenance', provenance), table('Environment', environment), resolved].join('')
  return sectionHtml({ title: 'How this was made', html })
}
