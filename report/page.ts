import { escapeHtml, tableHtml } from './html.js'
import type { Fact, Timing } from './reportData.js'
import { STYLE_SHEET } from './style.js'

/** What every page has, whatever its science: a head, sections made elsewhere, and how it was made. */
export interface PageParts {
  readonly title: string
  /** one or two sentences: what was run, on what */
  readonly lead: string
  /** the figures a reader wants first */
  readonly facts: readonly Fact[]
  /** HTML; empty ones are left out */
  readonly sections: readonly string[]
  readonly timings: readonly Timing[]
  readonly configuration?: unknown
  readonly environment: readonly Fact[]
  readonly provenance: readonly Fact[]
  readonly footer: string
  readonly script?: string
}

/** One HTML text with its style, and its script if it has one, inside. */
export function htmlPage(parts: PageParts): string {
  const sections = [headerHtml(parts), ...parts.sections, timingsHtml(parts.timings), recordsHtml(parts)]
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(parts.title)}</title>
<style>${STYLE_SHEET}</style>
</head>
<body>
<main>
${sections.filter(section => section !== '').join('\n')}
<footer>${escapeHtml(parts.footer)}</footer>
</main>
${parts.script === undefined ? '' : `<script>${parts.script}</script>\n`}</body>
</html>
`
}

function headerHtml({ title, lead, facts }: PageParts): string {
  return `<header><h1>${escapeHtml(title)}</h1><p class="lead">${escapeHtml(lead)}</p></header>${factsHtml(facts)}`
}

function factsHtml(facts: readonly Fact[]): string {
  const items = facts.map(({ label, value }) => `<div><dt>${escapeHtml(label)}</dt><dd>${escapeHtml(value)}</dd></div>`)
  return items.length === 0 ? '' : `<dl class="facts">${items.join('')}</dl>`
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
  const columns = [{ title: 'Stage' }, { title: 'Wall time', numeric: true }, { title: 'Share' }, { title: '' }]
  return `<section><h2>Timings</h2>${tableHtml(columns, [...rows, ['All', secondsText(total), '', '']])}</section>`
}

function secondsText(seconds: number): string {
  if (seconds < 1) return `${Math.round(1000 * seconds)} ms`
  return seconds < 120 ? `${seconds.toFixed(1)} s` : `${(seconds / 60).toFixed(1)} min`
}

function recordsHtml({ environment, provenance, configuration }: PageParts): string {
  const table = (facts: readonly Fact[]) =>
    tableHtml(
      [{ title: '' }, { title: '' }].slice(0, 2),
      facts.map(({ label, value }) => [label, value]),
    )
  const parts = [
    provenance.length > 0 ? `<h3>Provenance</h3>${table(provenance)}` : '',
    environment.length > 0 ? `<h3>Environment</h3>${table(environment)}` : '',
    configuration === undefined
      ? ''
      : `<h3>Configuration</h3><details><summary>The resolved configuration of this run</summary><pre>${escapeHtml(JSON.stringify(configuration, null, 2))}</pre></details>`,
  ]
  return `<section><h2>How this was made</h2>${parts.join('')}</section>`
}
