import { DataError, UsageError } from '../../core/index.js'
import { type Field, fields } from '../../io/galaxies/index.js'
import { readObjects } from '../../io/objects/index.js'
import type { Timing } from '../../report/index.js'
import { compareStatistics, type FieldStatistics } from '../../statistics/index.js'
import type { Evaluated, Evaluation } from '../case.js'
import type { RunContext } from '../run/context.js'
import { secondsSince } from '../run/seconds.js'
import { runOrShipped } from '../run/shipped.js'
import { refuseSettings } from '../verbs/refusals.js'
import { classifyAll } from './classify.js'
import { type DrawnFieldsOptions, fieldsDrawnBeside, requireBox } from './drawnFields.js'
import { classifierMetrics, evaluationLines, pairedRatios, scatterMetrics } from './evaluationMetrics.js'
import { evaluationPage } from './evaluationPage.js'
import { planCalibration } from './inference/evaluate.js'
import type { InferMethod } from './inference/openPosterior.js'
import { measureFields } from './measure.js'
import { type Grouping, groupingsOf, judge, type Population } from './populations.js'

/** Fields are drawn where no file of samples is given. */
export interface EvaluateOptions extends DrawnFieldsOptions {
  readonly samples?: string
  /** posteriors are judged instead, by this method */
  readonly method?: InferMethod
}

/** Draws a field where posteriors are judged. */
const drawsAField = 1000

/** `stipple galaxies evaluate`: drawn fields beside simulated ones, or posteriors of simulated ones. */
export async function planEvaluation(options: EvaluateOptions, context: RunContext): Promise<Evaluation<Field>> {
  const { method, n = drawsAField } = options
  if (method !== undefined) return planCalibration({ ...options, method, n }, context)
  checkOptions(options)
  return { kind: 'own', run: () => compareFields(options, context) }
}

/**
 * Drawn fields beside simulated ones. With --samples the fields of that file; else fields drawn at the theta of each
 * simulated one, from --run or the shipped model.
 *
 * JSON beside `metrics` and `curves` (means over all fields):
 * - `populations`: a cosmology simulated four times and more each by itself, the others on average, paired by theta. Of
 *   each `curves` (with `scatter_from`, `difference_error`, `sigmas`), `summary` (largest and rms of sigmas, and the
 *   rms that noise alone would leave), `xi` (bin by bin, and both targets), `response` (slope of drawn on simulated xi)
 *   and `each` cosmology's xi;
 * - `within_one_sigma`, `within_ten_percent`: the targets of xi, met by every population;
 * - `classifier`: accuracy and area under the curve of the two-sample test, and of two halves of the simulations;
 * - `left_out`: statistics of the simulated fields that the drawn ones do not allow.
 */
async function compareFields(options: EvaluateOptions, context: RunContext): Promise<Evaluated> {
  const timings: Timing[] = []
  const timed = async <T>(stage: string, work: Promise<T>): Promise<T> => {
    const began = performance.now()
    const result = await work
    timings.push({ stage, seconds: secondsSince(began) })
    return result
  }
  const run = options.samples === undefined ? runOrShipped('galaxies', options.run) : undefined
  const source = options.samples ?? options.run ?? 'the model shipped with the package'
  const references = await all(options.data, context.signal)
  const drawn =
    run === undefined ? undefined : await timed('drawing', fieldsDrawnBeside(references, run, options, context))
  const samples = drawn?.fields ?? (await all([options.samples ?? ''], context.signal))
  requireBox(samples, references[0].box, source, options.data[0])
  const groupings = groupingsOf(samples, references)
  warnOfUnpaired(groupings, samples, references, context)
  const statisticsOf = await timed('statistics', measured(samples, references, groupings, options.threads, context))
  const [ours, theirs] = [samples.map(statisticsOf), references.map(statisticsOf)]
  const comparison = compareStatistics(ours, theirs)
  const populations = groupings.map(grouping => judge(grouping, statisticsOf))
  const classifier = await timed('classifier', classifyAll(groupings, options.threads, context))
  const cosmologies = new Set(references.map(field => JSON.stringify(field.theta))).size
  const metrics = {
    ...comparison.metrics,
    ...(cosmologies > 1 ? pairedRatios(groupings, statisticsOf) : {}),
    ...scatterMetrics(populations),
    ...classifierMetrics(classifier),
  }
  const left_out = [...new Set(theirs.flatMap(Object.keys))].filter(name => comparison.curves[name] === undefined)
  const { evaluations } = drawn ?? {}
  const found = { options, groupings, populations, classifier, left_out, timings, evaluations, source }
  return {
    metrics,
    curves: comparison.curves,
    // With several cosmologies the error holds their spread and would pass anything: no verdict then.
    ...(cosmologies === 1 && comparison.passed !== undefined ? { passed: comparison.passed } : {}),
    lines: evaluationLines(metrics, populations, classifier, left_out),
    page: evaluationPage(found),
    json: {
      ...verdict(populations, 'within_one_sigma'),
      ...verdict(populations, 'within_ten_percent'),
      populations,
      classifier,
      left_out,
      cosmologies,
      fields: { samples: samples.length, simulated: references.length },
      ...(evaluations !== undefined && { evaluations, seconds_per_field: drawn?.secondsPerField }),
      seconds: Object.fromEntries(timings.map(({ stage, seconds }) => [stage, seconds])),
    },
  }
}

/** Refuses what would be given and not read. */
function checkOptions(options: EvaluateOptions): void {
  refuseSettings(options)
  const { samples, run } = options
  if (samples === undefined) return
  if (run !== undefined)
    throw new UsageError(
      'expected one of --samples and --run',
      'got both',
      'name the file of drawn fields, or the run to draw from',
    )
  for (const name of ['n', 'steps', 'sampler'] as const)
    if (options[name] !== undefined)
      throw new UsageError(`expected --${name} with --run`, 'got it with --samples, which are drawn already', 'omit it')
}

async function all(paths: readonly string[], signal: AbortSignal): Promise<Field[]> {
  const found: Field[] = []
  for await (const field of readObjects(fields, paths, { signal })) found.push(field)
  if (found.length === 0) throw new DataError(`expected fields in ${paths.join(', ')}`, 'got none', 'check the files')
  return found
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
