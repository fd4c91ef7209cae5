import { DataError, type Field, UsageError } from '../../core/index.js'
import { readFields } from '../../io/galaxies/index.js'
import { compareStatistics, type FieldStatistics, type Metric } from '../../report/statistics/index.js'
import type { RunContext } from '../run/context.js'
import { refuseSettings } from '../run/refuseSettings.js'
import { type Classified, classifyAll } from './classify.js'
import { fieldsDrawnBeside, requireBox } from './drawnFields.js'
import { measureFields } from './measure.js'
import type { EvaluateOptions } from './options.js'
import { type Grouping, groupingsOf, judge, type Population } from './populations.js'
import { runOrShipped } from './shipped.js'

/**
 * `stipple galaxies evaluate`: drawn fields beside simulated ones. With --samples the fields of that file; else fields drawn
 * at the theta of each simulated one, from --run or the shipped model.
 */
export async function evaluateGalaxies(options: EvaluateOptions, context: RunContext): Promise<void> {
  checkOptions(options)
  const run = options.samples === undefined ? runOrShipped(options.run) : undefined
  const references = await all(options.data, context.signal)
  const samples =
    run === undefined
      ? await all([options.samples ?? ''], context.signal)
      : (await fieldsDrawnBeside(references, run, options, context)).fields
  requireBox(samples, references[0].box, options.samples ?? `the model in ${run}`, options.data[0])
  const groupings = groupingsOf(samples, references)
  warnOfUnpaired(groupings, samples, references, context)
  const statisticsOf = await measured(samples, references, groupings, options.threads, context)
  const [ours, theirs] = [samples.map(statisticsOf), references.map(statisticsOf)]
  const comparison = compareStatistics(ours, theirs)
  const populations = groupings.map(grouping => judge(grouping, statisticsOf))
  const classifier = await classifyAll(groupings, options.threads, context)
  const cosmologies = new Set(references.map(field => JSON.stringify(field.theta))).size
  const metrics = {
    ...comparison.metrics,
    ...(cosmologies > 1 ? pairedRatios(groupings, statisticsOf) : {}),
    ...scatterMetrics(populations),
    ...classifierMetrics(classifier),
  }
  const left_out = [...new Set(theirs.flatMap(Object.keys))].filter(name => comparison.curves[name] === undefined)
  report(metrics, populations, classifier, left_out, context)
  context.json({
    metrics,
    curves: comparison.curves,
    // With several cosmologies the error holds their spread and would pass anything: no verdict then.
    ...(cosmologies === 1 && comparison.passed !== undefined ? { passed: comparison.passed } : {}),
    ...verdict(populations, 'within_one_sigma'),
    ...verdict(populations, 'within_ten_percent'),
    populations,
    classifier,
    left_out,
    cosmologies,
    fields: { samples: samples.length, simulated: references.length },
  })
}

/** Refuses what would be given and not heard. */
function checkOptions(options: EvaluateOptions): void {
  refuseSettings(options)
  const { samples, run, resume } = options
  if (resume) throw new UsageError('expected evaluate without --resume', 'got it', 'leave it away: it leaves no parts')
  if (samples === undefined) return
  if (run !== undefined)
    throw new UsageError(
      'expected one of --samples and --run',
      'got both',
      'name the file of drawn fields, or the run to draw from',
    )
  for (const name of ['n', 'steps', 'sampler'] as const)
    if (options[name] !== undefined)
      throw new UsageError(
        `expected --${name} with --run`,
        'got it with --samples, which are drawn already',
        'leave it away',
      )
}

async function all(paths: readonly string[], signal: AbortSignal): Promise<Field[]> {
  const fields: Field[] = []
  for await (const field of readFields(paths, { signal })) fields.push(field)
  if (fields.length === 0) throw new DataError(`expected fields in ${paths.join(', ')}`, 'got none', 'check the files')
  return fields
}

function warnOfUnpaired(
  groupings: readonly Grouping[],
  samples: readonly Field[],
  references: readonly Field[],
  { log }: RunContext,
): void {
  const paired = (side: 'samples' | 'references') =>
    groupings.reduce((sum, { cosmologies }) => sum + cosmologies.reduce((n, pair) => n + pair[side].length, 0), 0)
  const [drawn, simulated] = [samples.length - paired('samples'), references.length - paired('references')]
  if (drawn + simulated > 0)
    log.warn(
      `${drawn} of ${samples.length} drawn and ${simulated} of ${references.length} simulated fields have no partner at ` +
        'their theta: they enter the means over all fields, and no verdict',
    )
}

/** Each field is measured once; where a side of a cosmology has one field alone, with that field's own error. */
async function measured(
  samples: readonly Field[],
  references: readonly Field[],
  groupings: readonly Grouping[],
  threads: number,
  context: RunContext,
): Promise<(field: Field) => FieldStatistics> {
  const sides = groupings.flatMap(({ cosmologies }) => cosmologies.flatMap(pair => [pair.samples, pair.references]))
  const alone = new Set([samples, references, ...sides].flatMap(side => (side.length === 1 ? side : [])))
  const fields = [...samples, ...references]
  const found = await measureFields(fields, field => alone.has(field), threads, context)
  const byField = new Map(fields.map((field, at) => [field, found[at]]))
  return field => {
    const statistics = byField.get(field)
    if (statistics === undefined) throw new DataError('expected a measured field', 'got another', 'report this')
    return statistics
  }
}

/** A verdict holds where it holds in every population that has one. */
function verdict(populations: readonly Population[], name: 'within_one_sigma' | 'within_ten_percent') {
  const found = populations.flatMap(({ xi }) => xi[name] ?? [])
  return found.length === 0 ? {} : { [name]: found.every(met => met) }
}

/** Of each statistic the largest and the rms deviation over one field's scatter; of several populations by their names. */
function scatterMetrics(populations: readonly Population[]): Record<string, Metric> {
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

function classifierMetrics(found: readonly Classified[]): Record<string, Metric> {
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
function pairedRatios(
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
        return [`xi_ratio_${edges[bin]}_${to}`, { value: mean, error: Math.sqrt(variance / ratios.length), reference: 1 }]
      }),
  )
}

/** For a person: bin by bin, then each population in a table of xi and a line a statistic. */
function report(
  metrics: Readonly<Record<string, Metric>>,
  populations: readonly Population[],
  classifier: readonly Classified[],
  left_out: readonly string[],
  { print }: RunContext,
): void {
  for (const [name, metric] of Object.entries(metrics)) {
    if (name.endsWith('_sigma') || name.includes('classifier_')) continue
    const reference = metric.reference === undefined ? '' : `  simulated ${format(metric.reference)}`
    print(`${name.padEnd(28)} ${format(metric.value)}${metric.unit ? ` ${metric.unit}` : ''}${reference}`)
  }
  for (const { name, fields, xi, summary } of populations) {
    print(`\n${name}: ${fields.drawn} drawn fields beside ${fields.simulated} simulated`)
    print('r [Mpc/h]   xi drawn  simulated      ratio  scatter of one   error of difference')
    for (const bin of xi.bins)
      print(
        `${`${bin.from}-${bin.to}`.padEnd(9)}${[bin.drawn, bin.simulated, bin.ratio].map(x => format(x).padStart(11)).join('')}` +
          `${format(bin.scatter).padStart(16)}${format(bin.standard_error).padStart(22)}` +
          `${bin.within_one_sigma === false ? '  beyond one sigma' : ''}${bin.within_ten_percent === false ? '  beyond 10%' : ''}`,
      )
    print('(drawn - simulated) / scatter of one field: largest, rms, rms that noise alone would leave')
    for (const [statistic, { max_sigma, rms_sigma, expected_rms_sigma }] of Object.entries(summary))
      print(`${statistic.padEnd(24)}${[max_sigma, rms_sigma, expected_rms_sigma].map(x => format(x).padStart(14)).join('')}`)
  }
  for (const { population, channels, drawn, halves } of classifier) {
    const line = ({ accuracy, auc }: Classified['drawn']) =>
      `accuracy ${accuracy.value.toFixed(4)} +- ${accuracy.error.toFixed(4)}, AUC ${auc.value.toFixed(4)} +- ${auc.error.toFixed(4)}`
    const against = halves ? `; simulated halves: ${line(halves)}` : ''
    print(`classifier on ${channels}, ${population}: drawn from simulated ${line(drawn)}${against}`)
  }
  if (left_out.length > 0) print(`left out, for the drawn fields lack velocities or masses: ${left_out.join(', ')}`)
}

function format(value: number): string {
  return Number.isFinite(value) ? value.toPrecision(4) : 'not measured'
}
