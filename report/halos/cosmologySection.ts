import type { Comparison } from '../../statistics/index.js'
import { type Column, escapeHtml, gridHtml, numberText, plusMinus, tableHtml, verdictHtml } from '../html.js'
import type { Section } from '../page.js'
import { cloudViewScript } from './cloudView.js'
import { fieldsHtml, type ShownField, thetaHtml } from './shownFields.js'
import { keyHtml, statisticsPanels } from './statisticsPanels.js'

/** One cosmology: fields drawn there, simulated fields beside them where there are any, and their statistics. */
export interface CosmologyReport {
  /** For example "Fiducial" or "Held-out row 412" */
  readonly name: string
  readonly theta: Readonly<Record<string, number>>
  /** One field to look at from each side, and how many there are */
  readonly generated: ShownField
  readonly simulated?: ShownField
  readonly comparison: Comparison
  readonly note?: string
}

/** One cosmology: fields to look at, statistics, the quick preset's targets. */
export function cosmologySection(report: CosmologyReport): Section {
  const { name, theta, generated, simulated, comparison, note } = report
  const html = `<p class="soft">${thetaHtml(theta)}</p>${note ? `<p>${escapeHtml(note)}</p>` : ''}
${fieldsHtml(name, generated, simulated)}
<h3>Statistics</h3>${keyHtml(simulated?.count ?? 0, generated.count)}
${gridHtml([...statisticsPanels(comparison.curves), targetsHtml(report)])}`
  return { title: name, html, script: cloudViewScript }
}

/** xi bin by bin with its verdicts; empty where it was not measured. */
function targetsHtml({ comparison }: CosmologyReport): string {
  const bins = Object.entries(comparison.metrics).filter(([name]) => /^xi_\d+_\d+$/.test(name))
  if (bins.length === 0) return ''
  const hasReference = bins.some(([, metric]) => metric.reference !== undefined)
  const rows = bins.map(([name, metric]) => {
    const own = [name.slice(3).replace('_', '–'), plusMinus(metric.value, metric.error)]
    if (!hasReference) return own
    return [
      ...own,
      plusMinus(metric.reference, metric.reference_error),
      numberText(metric.ratio),
      { html: verdictHtml(metric.passed) },
    ]
  })
  const columns: Column[] = ['r [Mpc/h]', { number: 'ξ generated' }]
  if (hasReference) columns.push({ number: 'ξ simulated' }, { number: 'ratio' }, 'target')
  const target = hasReference
    ? '<p class="note">Target, in the bins that have one: the means agree within the larger of 20% and two standard errors of their difference.</p>'
    : ''
  return `<div class="span"><h3>Correlation function, bin by bin</h3>${tableHtml(columns, rows)}${target}</div>`
}
