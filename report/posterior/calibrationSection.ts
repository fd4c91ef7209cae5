import { escapeHtml, figureHtml, numberText, tableHtml } from '../html.js'
import { coverageAlongPlot, coveragePlot, rankPlot, recoveryPlot } from './calibrationPlots.js'
import type { CalibratedParameter, CalibrationReport } from './dwarfReportData.js'

/** Are the intervals true? Coverage, ranks, TARP, and estimates beside the truth. */
export function calibrationSection(report: CalibrationReport): string {
  const { name, galaxies, parameters, tarp, passed, note, what = 'galaxies' } = report
  const plain = (label: string) => label.replace(/\s*\[.*/, '')
  const curves = parameters.map(({ label, coverage }) => ({ label: plain(label), ...coverage }))
  const figures = [
    figureHtml(
      'Coverage of each parameter',
      coveragePlot({
        description: 'Observed minus nominal coverage of central intervals',
        curves,
        galaxies,
        width: 470,
        height: 320,
      }),
      `Above 0: intervals too wide; below: too narrow. Grey: where 95% of exact posteriors lie with ${galaxies} ${what}. Dotted: 68% and 95%.`,
    ),
  ]
  if (tarp) {
    const svg = coveragePlot({
      description: 'Observed minus nominal expected coverage, TARP',
      curves: [tarp],
      galaxies,
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
      description: `Ranks of the true ${plain(label)} among the draws`,
      label: rankP === undefined ? plain(label) : `${plain(label)}:  p = ${numberText(rankP, 2)}`,
      counts: rankCounts,
      what,
    }),
  )
  const along = parameters.flatMap(({ label, along: bins }) =>
    bins
      ? [
          coverageAlongPlot({
            description: `Coverage of the 68% intervals of ${plain(label)} by posterior mean`,
            ...bins,
            label: `${plain(label)}:  p = ${numberText(bins.p, 2)}`,
          }),
        ]
      : [],
  )
  const recovered = parameters.flatMap(({ label, recovery }) =>
    recovery
      ? [recoveryPlot({ description: `Estimated against true ${plain(label)}`, label: plain(label), ...recovery })]
      : [],
  )
  const outside = parameters.some(({ recovery }) => Array.from(recovery?.outside ?? []).some(Boolean))
  const verdict =
    passed === undefined
      ? ''
      : `<p class="${passed ? 'met' : 'missed'}">${passed ? 'Calibrated' : 'Not calibrated'} within the errors of ${galaxies} ${what}.</p>`
  return [
    `<section><h2>${escapeHtml(name)}</h2>`,
    verdict,
    note === undefined ? '' : `<p>${escapeHtml(note)}</p>`,
    summaryTable(parameters),
    `<div class="grid two">${figures.join('')}</div>`,
    grid(
      'Ranks of the truth among the draws',
      ranks,
      'Simulation-based calibration: flat where the posterior is right, a U where it is too narrow, a hill where too wide. Grey: 99% of the bars of a uniform distribution.',
    ),
    along.length > 0
      ? grid(
          'Coverage by where the posterior is',
          along,
          'Share of truths in their 68% interval, in bins with equally many posterior means; p of the bins together (Zhao et al. 2021). Grey: 99% of what exact posteriors give a bin. No part of the verdict.',
        )
      : '',
    recovered.length > 0
      ? grid(
          'Estimates beside the truth',
          recovered,
          `Posterior medians with 68% intervals; dashed: equality.${outside ? ` Vermillion: ${what} outside the prior.` : ''}`,
        )
      : '',
    '</section>',
  ].join('')
}

function grid(title: string, figures: readonly string[], caption: string): string {
  const items = figures.map(svg => `<figure>${svg}</figure>`).join('')
  return `<h3>${escapeHtml(title)}</h3><div class="grid">${items}</div><p class="note">${escapeHtml(caption)}</p>`
}

function summaryTable(parameters: readonly CalibratedParameter[]): string {
  const percent = (curve: CalibratedParameter['coverage'], level: number) => {
    const at = curve.nominal.findIndex(nominal => Math.abs(nominal - level) < 1e-6)
    return at < 0 ? '–' : `${(100 * curve.observed[at]).toFixed(1)}%`
  }
  const all = [
    { title: '', of: ({ label }: CalibratedParameter) => label.replace(/\s+/g, ' ') },
    { title: 'in 68%', of: ({ coverage }: CalibratedParameter) => percent(coverage, 0.68) },
    { title: 'in 95%', of: ({ coverage }: CalibratedParameter) => percent(coverage, 0.95) },
    { title: 'rms error', of: ({ rmse }: CalibratedParameter) => numberText(rmse) },
    { title: 'posterior sd', of: ({ posteriorSd }: CalibratedParameter) => numberText(posteriorSd) },
    { title: 'bias', of: ({ bias }: CalibratedParameter) => numberText(bias, 2) },
    { title: 'log-score [nats]', of: ({ logScore }: CalibratedParameter) => numberText(logScore) },
    { title: 'ranks: p', of: ({ rankP }: CalibratedParameter) => numberText(rankP, 2) },
  ]
  const columns = all.filter((column, at) => at === 0 || parameters.some(parameter => column.of(parameter) !== '–'))
  return tableHtml(
    columns.map(({ title }, at) => ({ title, numeric: at > 0 })),
    parameters.map(parameter => columns.map(({ of }) => of(parameter))),
  )
}
