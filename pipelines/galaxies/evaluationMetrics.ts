import type { Field } from '../../io/galaxies/field.js'
import type { FieldStatistics, Metric } from '../../statistics/index.js'
import type { Classified } from './classify.js'
import type { Grouping, Population } from './populations.js'

/**
 * Of each statistic the largest and the rms deviation over one field's scatter; of several populations by their names.
 */
export function scatterMetrics(populations: readonly Population[]): Record<string, Metric> {
  return Object.fromEntries(
    populations.flatMap(({ name, summary }) => {
      const prefix = populations.length > 1 ? `${slug(name)}_` : ''
      return Object.entries(summary).flatMap(([statistic, { max_sigma, rms_sigma, expected_rms_sigma }]) => [
        [`${prefix}${statistic}_max_sigma`, { value: max_sigma }],
        [`${prefix}${statistic}_rms_sigma`, { value: rms_sigma, reference: expected_rms_sigma }],
      ])
    }),
  )
}

/** A name as part of a key of JSON. */
function slug(name: string): string {
  return name.replace(/[^a-z0-9.]+/gi, '_')
}

/** What each classifier found, beside even odds and what it found of two halves of the simulations. */
export function classifierMetrics(found: readonly Classified[]): Record<string, Metric> {
  const several = new Set(found.map(({ population }) => population)).size > 1
  return Object.fromEntries(
    found.flatMap(({ population, channels, drawn, halves }) => {
      const prefix = `${several ? `${slug(population)}_` : ''}classifier_${channels}`
      return (['accuracy', 'auc'] as const).map(
        name => [`${prefix}_${name}`, { ...drawn[name], reference: 0.5, baseline: halves?.[name] }] as const,
      )
    }),
  )
}

/** Where drawn fields have simulated partners at their theta: the ratio of xi, averaged over fields, with its error. */
export function pairedRatios(
  groupings: readonly Grouping[],
  statisticsOf: (field: Field) => FieldStatistics,
): Record<string, Metric> {
  const pairs = groupings.flatMap(({ cosmologies }) =>
    cosmologies.flatMap(({ samples, references }) =>
      samples.map((field, at) => ({
        drawn: statisticsOf(field).xi,
        simulated: statisticsOf(references[at % references.length]).xi,
      })),
    ),
  )
  if (pairs.length < 2) return {}
  const edges = pairs[0].drawn.x
  // Beyond 50 Mpc/h xi crosses zero in one field and ratios mean nothing.
  return Object.fromEntries(
    edges
      .slice(1)
      .filter(to => to <= 50)
      .map((to, bin) => {
        const ratios = pairs.map(pair => pair.drawn.value[bin] / pair.simulated.value[bin])
        const mean = ratios.reduce((a, b) => a + b, 0) / ratios.length
        const variance = ratios.reduce((a, b) => a + (b - mean) ** 2, 0) / (ratios.length - 1)
        return [
          `xi_ratio_${edges[bin]}_${to}`,
          { value: mean, error: Math.sqrt(variance / ratios.length), reference: 1 },
        ]
      }),
  )
}

/** For a person: bin by bin, then each population in a table of xi and a line a statistic. */
export function evaluationLines(
  metrics: Readonly<Record<string, Metric>>,
  populations: readonly Population[],
  classifier: readonly Classified[],
  left_out: readonly string[],
): string[] {
  const lines: string[] = []
  const print = (text: string) => lines.push(text)
  for (const [name, metric] of Object.entries(metrics)) {
    if (name.endsWith('_sigma') || name.includes('classifier_')) continue
    const reference = metric.reference === undefined ? '' : `  simulated ${format(metric.reference)}`
    print(`${name.padEnd(28)} ${format(metric.value)}${metric.unit ? ` ${metric.unit}` : ''}${reference}`)
  }
  for (const { name, fields, xi, summary, response } of populations) {
    print(`\n${name}: ${fields.drawn} drawn fields beside ${fields.simulated} simulated`)
    print('r [Mpc/h]   xi drawn  simulated      ratio  scatter of one   error of difference')
    for (const bin of xi.bins)
      print(
        `${`${bin.from}-${bin.to}`.padEnd(9)}${[bin.drawn, bin.simulated, bin.ratio].map(x => format(x).padStart(11)).join('')}` +
          `${format(bin.scatter).padStart(16)}${format(bin.standard_error).padStart(22)}` +
          `${bin.within_one_sigma === false ? '  beyond one sigma' : ''}${bin.within_ten_percent === false ? '  beyond 10%' : ''}`,
      )
    if (response.length > 0)
      print('slope of drawn on simulated xi over cosmologies (1: theta answered as in the simulations)')
    for (const { from, to, slope, error, correlation } of response.filter(bin => bin.to <= 70))
      print(
        `${`${from}-${to}`.padEnd(9)}${`${slope.toFixed(2)} +- ${error.toFixed(2)}`.padStart(16)}  correlation ${correlation.toFixed(2)}`,
      )
    print('(drawn - simulated) / scatter of one field: largest, rms, rms that noise alone would leave')
    for (const [statistic, { max_sigma, rms_sigma, expected_rms_sigma }] of Object.entries(summary))
      print(
        `${statistic.padEnd(24)}${[max_sigma, rms_sigma, expected_rms_sigma].map(x => format(x).padStart(14)).join('')}`,
      )
  }
  for (const { population, channels, drawn, halves } of classifier) {
    const line = ({ accuracy, auc }: Classified['drawn']) =>
      `accuracy ${accuracy.value.toFixed(4)} +- ${accuracy.error.toFixed(4)}, AUC ${auc.value.toFixed(4)} +- ${auc.error.toFixed(4)}`
    const against = halves ? `; simulated halves: ${line(halves)}` : ''
    print(`classifier on ${channels}, ${population}: drawn from simulated ${line(drawn)}${against}`)
  }
  if (left_out.length > 0) print(`left out, for the drawn fields lack velocities or masses: ${left_out.join(', ')}`)
  return lines
}

function format(value: number): string {
  return Number.isFinite(value) ? value.toPrecision(4) : 'not measured'
}
