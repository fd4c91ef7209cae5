import { CORRELATION_TARGET, type JudgedCurve, type ScatterSource } from '../statistics/index.js'
import { separation } from './correlationPanels.js'
import { fieldsHtml, thetaHtml } from './cosmologySection.js'
import { deviationPlot } from './deviationPlot.js'
import { escapeHtml, figureHtml, numberText, plusMinus, tableHtml } from './html.js'
import { keyHtml, statisticsPanels } from './panels.js'
import type { PopulationReport } from './reportData.js'
import { responsePanels } from './responsePanels.js'
import type { AxisOptions } from './svg.js'

/** What each statistic is called, in the order of the page. */
const NAMES: Readonly<Record<string, string>> = {
  xi: 'Two-point function',
  xi_fine: 'Two-point function, 24 fine bins',
  xi_0: 'Monopole in redshift space',
  xi_2: 'Quadrupole in redshift space',
  xi_4: 'Hexadecapole in redshift space',
  power: 'Power spectrum',
  bispectrum_equilateral: 'Bispectrum, equilateral',
  bispectrum_squeezed: 'Bispectrum, squeezed',
  v12: 'Mean pairwise velocity',
  mass_function: 'Mass function',
}

const SOURCES: Readonly<Record<ScatterSource, string>> = {
  fields: 'fields',
  own: 'own error',
  differences: 'differences',
  none: 'not known',
}

/** One population of an evaluation: verdicts, every statistic beside the simulations and in units of their scatter. */
export function populationHtml(population: PopulationReport, at: number): string {
  const { name, theta, generated, simulated, cosmologies, curves, classifier } = population
  const { examples, bins } = responsePanels(population)
  const look = cosmologies === 1 ? fieldsHtml(name, `population-${at}`, generated, simulated) : ''
  const parts = [
    `<h2>${escapeHtml(name.charAt(0).toUpperCase() + name.slice(1))}</h2>`,
    theta ? `<p class="soft">${thetaHtml(theta)}</p>` : '',
    `<p class="soft">${generated.count} generated fields beside ${simulated.count} simulated ones.</p>`,
    `<div class="tables"><div>${correlationTable(population)}${classifierHtml(classifier)}</div><div>${summaryTable(population)}</div></div>`,
    look,
    `<h3>Statistics</h3>${keyHtml(simulated.count, generated.count, cosmologies)}<div class="grid">${statisticsPanels({ curves, metrics: {} }).join('')}</div>`,
    `<h3>In units of one field’s scatter</h3><div class="grid">${deviations(curves).join('')}</div>`,
    examples.length > 0
      ? `<h3>Single cosmologies, from the least to the most clustered</h3><div class="grid">${examples.join('')}</div>`
      : '',
    bins.length > 0
      ? `<h3>Response to the cosmology</h3><div class="grid">${bins.join('')}</div><p class="note">A dot a cosmology; on the line, generated and simulated fields agree.</p>`
      : '',
  ]
  return `<section>${parts.join('\n')}</section>`
}

function correlationTable({ xi }: PopulationReport): string {
  const verdict = (met: boolean | undefined) =>
    met === undefined ? '' : met ? '<span class="met">met</span>' : '<span class="missed">missed</span>'
  const rows = xi.bins.map(bin => [
    `${bin.from}–${bin.to}`,
    numberText(bin.drawn),
    plusMinus(bin.simulated, bin.scatter),
    numberText(bin.ratio),
    numberText(bin.standard_error, 2),
    { html: verdict(bin.within_one_sigma) },
    { html: verdict(bin.within_ten_percent) },
  ])
  const columns = [
    { title: 'r [Mpc/h]' },
    { title: 'ξ generated', numeric: true },
    { title: 'ξ simulated ± one field', numeric: true },
    { title: 'ratio', numeric: true },
    { title: 'error of difference', numeric: true },
    { title: '1 σ' },
    { title: '10%' },
  ]
  const { oneSigma, share } = CORRELATION_TARGET
  const all = [xi.within_one_sigma, xi.within_ten_percent].map(met => verdict(met) || 'not judged')
  return `<h3>Mean two-point function</h3>${tableHtml(columns, rows)}<p class="note">Within one field’s scatter in every bin of ${oneSigma.from}–${oneSigma.to} Mpc/h: ${all[0]}. Within the larger of ${100 * share.share}% and ${share.standardErrors} standard errors of the difference in every bin of ${share.from}–${share.to} Mpc/h: ${all[1]}.</p>`
}

function summaryTable({ summary, curves }: PopulationReport): string {
  const rows = Object.entries(summary).map(([name, { max_sigma, rms_sigma, expected_rms_sigma }]) => [
    nameOf(name),
    numberText(max_sigma, 2),
    numberText(rms_sigma, 2),
    numberText(expected_rms_sigma, 2),
    SOURCES[curves[name].scatter_from],
  ])
  const columns = [
    { title: 'Statistic' },
    { title: 'largest', numeric: true },
    { title: 'rms', numeric: true },
    { title: 'noise alone', numeric: true },
    { title: 'scatter from' },
  ]
  return `<h3>(Generated − simulated) / scatter of one field</h3>${tableHtml(columns, rows)}<p class="note">Over all bins. “Noise alone”: the rms of a perfect model with as many fields. Scatter from: the simulated fields of the cosmology; each simulated field’s own error (jackknife; Gaussian in Fourier space, Poisson for masses); or the differences over cosmologies, which hold what bias varies with theta too.</p>`
}

function classifierHtml(sentences: readonly string[]): string {
  if (sentences.length === 0) return ''
  return `<h3>Classifier</h3>${sentences.map(sentence => `<p>${escapeHtml(sentence)}</p>`).join('')}`
}

function nameOf(statistic: string): string {
  const known = NAMES[statistic]
  if (known !== undefined) return known
  return statistic.startsWith('knn_') ? `Neighbour distances, k = ${statistic.slice(4)}` : statistic
}

function deviations(curves: Readonly<Record<string, JudgedCurve>>): string[] {
  return Object.entries(curves)
    .filter(([, { sigmas }]) => sigmas.some(Number.isFinite))
    .map(([name, curve]) =>
      figureHtml(
        nameOf(name),
        deviationPlot(curve, `${nameOf(name)}: deviation over the scatter of one field`, axisOf(curve)),
        '',
      ),
    )
}

function axisOf({ x, x_unit, value }: JudgedCurve): AxisOptions {
  if (x.length > value.length) return { ...separation('r', x), ticks: [0.5, 1, 2, 5, 10, 20, 50, 100] }
  if (x_unit === 'h/Mpc') return { label: 'k  [h/Mpc]' }
  return x_unit === 'Mpc/h' ? { label: 'r  [Mpc/h]' } : { label: 'log₁₀ M  [Msun/h]' }
}
