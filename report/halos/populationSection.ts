import {
  type CorrelationTest,
  type CurveSummary,
  correlationTarget,
  type JudgedCurve,
  type ScatterSource,
} from '../../statistics/index.js'
import { deviationPlot } from '../deviationPlot.js'
import { escapeHtml, figureHtml, gridHtml, numberText, plusMinus, tableHtml, verdictHtml } from '../html.js'
import type { Section } from '../page.js'
import type { AxisOptions } from '../svg.js'
import { cloudViewScript } from './cloudView.js'
import { fineSeparation } from './correlationPanels.js'
import { type CosmologyResponse, responsePanels } from './responsePanels.js'
import { fieldsHtml, type ShownField, thetaHtml } from './shownFields.js'
import { keyHtml, statisticsPanels } from './statisticsPanels.js'

/** Fields judged together: at one cosmology, or on average over several. */
export interface PopulationReport extends CosmologyResponse {
  readonly name: string
  /** Where it is one cosmology */
  readonly theta?: Readonly<Record<string, number>>
  readonly generated: ShownField
  readonly simulated: ShownField
  /** One field of each side is shown where it is one cosmology */
  readonly cosmologies: number
  readonly curves: Readonly<Record<string, JudgedCurve>>
  readonly summary: Readonly<Record<string, CurveSummary>>
  readonly xi: CorrelationTest
  /** Sentences on what a classifier found */
  readonly classifier: readonly string[]
}

/** What each statistic is called, in the order of the page. */
const statisticNames: Readonly<Record<string, string>> = {
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

const scatterSources: Readonly<Record<ScatterSource, string>> = {
  fields: 'fields',
  own: 'own error',
  differences: 'differences',
  none: 'not known',
}

/** One population of an evaluation: verdicts, every statistic beside the simulations and in units of their scatter. */
export function populationSection(population: PopulationReport): Section {
  const { name, theta, generated, simulated, cosmologies, curves, classifier } = population
  const { examples, bins } = responsePanels(population)
  const shown = cosmologies === 1
  const parts = [
    theta ? `<p class="soft">${thetaHtml(theta)}</p>` : '',
    `<p class="soft">${generated.count} generated fields beside ${simulated.count} simulated ones.</p>`,
    `<div class="tables"><div>${correlationTable(population)}${classifierHtml(classifier)}</div><div>${summaryTable(population)}</div></div>`,
    shown ? fieldsHtml(name, generated, simulated) : '',
    `<h3>Statistics</h3>${keyHtml(simulated.count, generated.count, cosmologies)}${gridHtml(statisticsPanels(curves))}`,
    `<h3>In units of one field’s scatter</h3>${gridHtml(deviations(curves))}`,
    examples.length > 0 ? `<h3>Single cosmologies, from the least to the most clustered</h3>${gridHtml(examples)}` : '',
    bins.length > 0
      ? `<h3>Response to the cosmology</h3>${gridHtml(bins)}<p class="note">A dot a cosmology; on the line, generated and simulated fields agree.</p>`
      : '',
  ]
  return {
    title: name.charAt(0).toUpperCase() + name.slice(1),
    html: parts.filter(part => part !== '').join('\n'),
    ...(shown && { script: cloudViewScript }),
  }
}

function correlationTable({ xi }: PopulationReport): string {
  const rows = xi.bins.map(bin => [
    `${bin.from}–${bin.to}`,
    numberText(bin.drawn),
    plusMinus(bin.simulated, bin.scatter),
    numberText(bin.ratio),
    numberText(bin.standard_error, 2),
    { html: verdictHtml(bin.within_one_sigma) },
    { html: verdictHtml(bin.within_ten_percent) },
  ])
  const columns = [
    'r [Mpc/h]',
    { number: 'ξ generated' },
    { number: 'ξ simulated ± one field' },
    { number: 'ratio' },
    { number: 'error of difference' },
    '1 σ',
    '10%',
  ]
  const { oneSigma, share } = correlationTarget
  const all = [xi.within_one_sigma, xi.within_ten_percent].map(met => verdictHtml(met) || 'not judged')
  return `<h3>Mean two-point function</h3>${tableHtml(columns, rows)}<p class="note">Within one field’s scatter in every bin of ${oneSigma.from}–${oneSigma.to} Mpc/h: ${all[0]}. Within the larger of ${100 * share.share}% and ${share.standardErrors} standard errors of the difference in every bin of ${share.from}–${share.to} Mpc/h: ${all[1]}.</p>`
}

function summaryTable({ summary, curves }: PopulationReport): string {
  const rows = Object.entries(summary).map(([name, { max_sigma, rms_sigma, expected_rms_sigma }]) => [
    nameOf(name),
    numberText(max_sigma, 2),
    numberText(rms_sigma, 2),
    numberText(expected_rms_sigma, 2),
    scatterSources[curves[name].scatter_from],
  ])
  const columns = ['Statistic', { number: 'largest' }, { number: 'rms' }, { number: 'noise alone' }, 'scatter from']
  return `<h3>(Generated − simulated) / scatter of one field</h3>${tableHtml(columns, rows)}<p class="note">Over all bins. “Noise alone”: the rms of a perfect model with as many fields. Scatter from: the simulated fields of the cosmology; each simulated field’s own error (jackknife; Gaussian in Fourier space, Poisson for masses); or the differences over cosmologies, which hold what bias varies with theta too.</p>`
}

function classifierHtml(sentences: readonly string[]): string {
  if (sentences.length === 0) return ''
  return `<h3>Classifier</h3>${sentences.map(sentence => `<p>${escapeHtml(sentence)}</p>`).join('')}`
}

function nameOf(statistic: string): string {
  const known = statisticNames[statistic]
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
  if (x.length > value.length) return fineSeparation(x)
  if (x_unit === 'h/Mpc') return { label: 'k  [h/Mpc]' }
  return x_unit === 'Mpc/h' ? { label: 'r  [Mpc/h]' } : { label: 'log₁₀ M  [Msun/h]' }
}
