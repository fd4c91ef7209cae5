import { escapeHtml, figureHtml, gridHtml, numberText, percentText, tableHtml } from '../html.js'
import type { Section } from '../page.js'
import {
  type CoverageAlong,
  type CoverageCurve,
  coverageAlongPlot,
  coveragePlot,
  rankPlot,
  recoveryPlot,
} from './calibrationPlots.js'
import { withoutUnit } from './cornerPlot.js'

/** Posteriors of many observations whose truth is known, judged. */
export interface CalibrationReport {
  /** "npe, 10,000 galaxies of the prior" */
  readonly name: string
  /** How many were judged */
  readonly count: number
  /** What was judged: `galaxies`, `simulations` */
  readonly what: string
  readonly parameters: readonly CalibratedParameter[]
  /** Expected coverage, with the height of its band */
  readonly tarp?: CoverageCurve & { readonly within?: number; readonly p?: number }
  readonly passed?: boolean
  readonly note?: string
}

/** How true the intervals of one parameter are. */
export interface CalibratedParameter {
  readonly label: string
  readonly coverage: Pick<CoverageCurve, 'nominal' | 'observed'>
  /** `[bins]` */
  readonly rankCounts: ArrayLike<number>
  /** Of uniform ranks, after Bonferroni */
  readonly rankP?: number
  readonly rmse?: number
  readonly posteriorSd?: number
  readonly bias?: number
  readonly logScore?: number
  /** A few hundred of those judged, to look at */
  readonly recovery?: {
    readonly truth: ArrayLike<number>
    readonly estimate: ArrayLike<number>
    readonly low: ArrayLike<number>
    readonly high: ArrayLike<number>
    readonly outside?: ArrayLike<boolean>
  }
  /** Coverage of 68% intervals in bins of the posterior mean */
  readonly along?: CoverageAlong & { readonly p: number }
}

/** Are the intervals true? Coverage, ranks, TARP, and estimates beside the truth. */
export function calibrationSection(report: CalibrationReport): Section {
  const { name, count, parameters, tarp, passed, note, what } = report
  const curves = parameters.map(({ label, coverage }) => ({ label: withoutUnit(label), ...coverage }))
  const figures = [
    figureHtml(
      'Coverage of each parameter',
      coveragePlot({
        description: 'Observed minus nominal coverage of central intervals',
        curves,
        count,
        width: 470,
        height: 320,
      }),
      `Above 0: intervals too wide; below: too narrow. Grey: where 95% of exact posteriors lie with ${count} ${what}. Dotted: 68% and 95%.`,
    ),
  ]
  if (tarp) {
    const svg = coveragePlot({
      description: 'Observed minus nominal expected coverage, TARP',
      curves: [tarp],
      count,
      within: tarp.within,
      of: 'joint region',
      width: 470,
      height: 320,
    })
    const p = tarp.p === undefined ? '' : ` p = ${numberText(tarp.p, 2)}.`
    figures.push(
      figureHtml(
        'Expected coverage of all parameters together (TARP)',
        svg,
        `Lemos et al. 2023. Grey: the error band.${p}`,
      ),
    )
  }
  const ranks = parameters.map(({ label, rankCounts, rankP }) =>
    rankPlot({
      description: `Ranks of the true ${withoutUnit(label)} among the draws`,
      label: rankP === undefined ? withoutUnit(label) : `${withoutUnit(label)}:  p = ${numberText(rankP, 2)}`,
      counts: rankCounts,
      what,
    }),
  )
  const along = parameters.flatMap(({ label, along: bins }) =>
    bins
      ? [
          coverageAlongPlot({
            description: `Coverage of the 68% intervals of ${withoutUnit(label)} by posterior mean`,
            ...bins,
            label: `${withoutUnit(label)}:  p = ${numberText(bins.p, 2)}`,
          }),
        ]
      : [],
  )
  const recovered = parameters.flatMap(({ label, recovery }) =>
    recovery
      ? [
          recoveryPlot({
            description: `Estimated against true ${withoutUnit(label)}`,
            label: withoutUnit(label),
            ...recovery,
          }),
        ]
      : [],
  )
  const outside = parameters.some(({ recovery }) => Array.from(recovery?.outside ?? []).some(Boolean))
  const verdict =
    passed === undefined
      ? ''
      : `<p class="${passed ? 'met' : 'missed'}">${passed ? 'Calibrated' : 'Not calibrated'} within the errors of ${count} ${what}.</p>`
  const html = [
    verdict,
    note === undefined ? '' : `<p>${escapeHtml(note)}</p>`,
    summaryTable(parameters),
    gridHtml(figures, true),
    grid(
      'Ranks of the truth among the draws',
      ranks,
      'Simulation-based calibration: flat where the posterior is right, a U where it is too narrow, a hill where too wide. Grey: 99% of the bars of a uniform distribution.',
    ),
    grid(
      'Coverage by where the posterior is',
      along,
      'Share of truths in their 68% interval, in bins with equally many posterior means; p of the bins together (Zhao et al. 2021). Grey: 99% of what exact posteriors give a bin. No part of the verdict.',
    ),
    grid(
      'Estimates beside the truth',
      recovered,
      `Posterior medians with 68% intervals; dashed: equality.${outside ? ` Vermillion: ${what} outside the prior.` : ''}`,
    ),
  ].join('')
  return { title: name, html }
}

/** Figures of all parameters, with what is to be seen in them; nothing where there are none. */
function grid(title: string, figures: readonly string[], caption: string): string {
  if (figures.length === 0) return ''
  const items = gridHtml(figures.map(svg => `<figure>${svg}</figure>`))
  return `<h3>${escapeHtml(title)}</h3>${items}<p class="note">${escapeHtml(caption)}</p>`
}

function summaryTable(parameters: readonly CalibratedParameter[]): string {
  const held = (curve: CalibratedParameter['coverage'], level: number) => {
    const at = curve.nominal.findIndex(nominal => Math.abs(nominal - level) < 1e-6)
    return at < 0 ? '–' : percentText(curve.observed[at])
  }
  const all = [
    { title: '', of: ({ label }: CalibratedParameter) => label.replace(/\s+/g, ' ') },
    { title: 'in 68%', of: ({ coverage }: CalibratedParameter) => held(coverage, 0.68) },
    { title: 'in 95%', of: ({ coverage }: CalibratedParameter) => held(coverage, 0.95) },
    { title: 'rms error', of: ({ rmse }: CalibratedParameter) => numberText(rmse) },
    { title: 'posterior sd', of: ({ posteriorSd }: CalibratedParameter) => numberText(posteriorSd) },
    { title: 'bias', of: ({ bias }: CalibratedParameter) => numberText(bias, 2) },
    { title: 'log-score [nats]', of: ({ logScore }: CalibratedParameter) => numberText(logScore) },
    { title: 'ranks: p', of: ({ rankP }: CalibratedParameter) => numberText(rankP, 2) },
  ]
  const columns = all.filter((column, at) => at === 0 || parameters.some(parameter => column.of(parameter) !== '–'))
  return tableHtml(
    columns.map(({ title }, at) => (at === 0 ? title : { number: title })),
    parameters.map(parameter => columns.map(({ of }) => of(parameter))),
  )
}
