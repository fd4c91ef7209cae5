import { cloudView } from './cloudView.js'
import { escapeHtml, figureHtml, numberText, plusMinus, tableHtml } from './html.js'
import { keyHtml, statisticsPanels } from './panels.js'
import type { CosmologyReport, ShownField } from './reportData.js'
import { slabPlot } from './slabPlot.js'

/** How each parameter is written in the field, as HTML. */
const SYMBOLS: Readonly<Record<string, string>> = {
  omega_m: 'Ω<sub>m</sub>',
  omega_b: 'Ω<sub>b</sub>',
  h: 'h',
  n_s: 'n<sub>s</sub>',
  sigma_8: 'σ<sub>8</sub>',
}

/** Parameters and values in one line, as HTML. */
export function thetaHtml(theta: Readonly<Record<string, number>>, digits = 4): string {
  return Object.entries(theta)
    .map(([parameter, value]) => `${SYMBOLS[parameter] ?? escapeHtml(parameter)} = ${numberText(value, digits)}`)
    .join(', ')
}

/** One cosmology: fields to look at, statistics, the quick preset's targets. */
export function cosmologyHtml(report: CosmologyReport, at: number): string {
  const { name, theta, generated, simulated, comparison, note } = report
  return `<section><h2>${escapeHtml(name)}</h2><p class="soft">${thetaHtml(theta)}</p>${note ? `<p>${escapeHtml(note)}</p>` : ''}
${fieldsHtml(name, `cosmology-${at}`, generated, simulated)}
<h3>Statistics</h3>${keyHtml(simulated?.count ?? 0, generated.count)}
<div class="grid">${statisticsPanels(comparison).join('')}${targetsHtml(report)}</div></section>`
}

/**
 * A slab and the whole box of a field of each side.
 *
 * @param group  views of one group turn together
 */
export function fieldsHtml(name: string, group: string, generated: ShownField, simulated?: ShownField): string {
  const thickness = Math.round((generated.field.box[2] ?? 1) / 4)
  const sides = simulated
    ? ([
        ['simulated', simulated],
        ['generated', generated],
      ] as const)
    : ([['generated', generated]] as const)
  const slabs = sides.map(([side, { field, count }]) =>
    figureHtml(
      `${side === 'simulated' ? 'Simulated' : 'Generated'}, one of ${count} ${count === 1 ? 'field' : 'fields'}`,
      slabPlot(field, { side, thickness, description: `${side} halos of ${name} in a slab, seen along z` }),
      `Halos with z < ${thickness} Mpc/h; ${field.logMass ? 'the area of a dot grows with mass' : 'drawn without masses'}. ${field.points.toLocaleString('en')} halos in the box.`,
    ),
  )
  const clouds = sides.map(
    ([side, { field }]) =>
      `<figure>${cloudView(field, { side, group, description: `The ${side} field of ${name} in three dimensions.` })}<figcaption>${side === 'simulated' ? 'Simulated' : 'Generated'}: the whole box. Drag to turn; both turn together.</figcaption></figure>`,
  )
  return `<div class="grid two">${slabs.join('')}</div>
<div class="grid two wide view3d">${clouds.join('')}</div>`
}

/** xi bin by bin with its verdicts. */
function targetsHtml({ comparison }: CosmologyReport): string {
  const bins = Object.entries(comparison.metrics).filter(([name]) => /^xi_\d+_\d+$/.test(name))
  if (bins.length === 0) return ''
  const hasReference = bins.some(([, metric]) => metric.reference !== undefined)
  const rows = bins.map(([name, metric]) => {
    const own = [name.slice(3).replace('_', '–'), plusMinus(metric.value, metric.error)]
    if (!hasReference) return own
    const verdict =
      metric.passed === undefined
        ? ''
        : metric.passed
          ? '<span class="met">met</span>'
          : '<span class="missed">missed</span>'
    return [...own, plusMinus(metric.reference, metric.reference_error), numberText(metric.ratio), { html: verdict }]
  })
  const columns = [{ title: 'r [Mpc/h]' }, { title: 'ξ generated', numeric: true }]
  if (hasReference)
    columns.push({ title: 'ξ simulated', numeric: true }, { title: 'ratio', numeric: true }, { title: 'target' })
  const target = hasReference
    ? '<p class="note">Target, in the bins that have one: the means agree within the larger of 20% and two standard errors of their difference.</p>'
    : ''
  return `<div class="span"><h3>Correlation function, bin by bin</h3>${tableHtml(columns, rows)}${target}</div>`
}
