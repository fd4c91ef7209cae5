import { type Box, DataError, type Field, periodicBox, UsageError } from '../../core/index.js'
import { requireDevice } from '../../engine/index.js'
import { readFields } from '../../io/galaxies/index.js'
import type { FieldStatistics, Metric } from '../../report/statistics/index.js'
import type { RunContext } from '../run/context.js'
import { drawFields } from './draw.js'
import { measureAndCompare } from './measure.js'
import { checkTheta, loadGalaxiesModel } from './model.js'
import type { EvaluateOptions } from './options.js'

/**
 * `stipple galaxies evaluate`: drawn fields beside simulated ones. With --samples the fields of that file; with --run one
 * field is drawn at the theta of each simulated one.
 */
export async function evaluateGalaxies(options: EvaluateOptions, context: RunContext): Promise<void> {
  if ((options.samples === undefined) === (options.run === undefined)) {
    throw new UsageError(
      'expected one of --samples and --run',
      options.run === undefined ? 'got neither' : 'got both',
      'name the file of drawn fields, or the run to draw from',
    )
  }
  const references = await all(options.data, context.signal)
  const samples = options.samples ? await all([options.samples], context.signal) : await drawn(options, references, context)
  requireBox(samples, references[0].box, options.samples ?? `the model in ${options.run ?? ''}`, options.data[0])
  const {
    samples: ours,
    references: theirs,
    ...comparison
  } = await measureAndCompare(samples, references, options.threads, context)
  const cosmologies = new Set(references.map(field => JSON.stringify(field.theta))).size
  const paired = cosmologies > 1 ? pairedRatios(samples, references, ours, theirs) : undefined
  const metrics = { ...comparison.metrics, ...paired }
  for (const [name, metric] of Object.entries(metrics)) {
    const reference = metric.reference === undefined ? '' : `  simulated ${format(metric.reference)}`
    context.print(`${name.padEnd(28)} ${format(metric.value)}${metric.unit ? ` ${metric.unit}` : ''}${reference}`)
  }
  context.json({
    metrics,
    curves: comparison.curves,
    // With several cosmologies the error holds their spread and would pass anything: no verdict then.
    ...(cosmologies === 1 && comparison.passed !== undefined ? { passed: comparison.passed } : {}),
    cosmologies,
    fields: { samples: samples.length, simulated: references.length },
  })
}

function format(value: number): string {
  return Number.isFinite(value) ? value.toPrecision(4) : 'not measured'
}

async function all(paths: readonly string[], signal: AbortSignal): Promise<Field[]> {
  const fields: Field[] = []
  for await (const field of readFields(paths, { signal })) fields.push(field)
  if (fields.length === 0) throw new DataError(`expected fields in ${paths.join(', ')}`, 'got none', 'check the files')
  return fields
}

/** In another box the same points are another number density, and no bin of separation means the same. */
function requireBox(fields: readonly Field[], wanted: Box, whose: string, reference: string): void {
  const other = fields.find(({ box }) => box.some((length, axis) => length !== wanted[axis]))
  if (other === undefined) return
  throw new DataError(
    `expected ${whose} in the box ${wanted.join(' x ')} Mpc/h of ${reference}`,
    `got ${other.box.join(' x ')}`,
    'compare fields of one box',
  )
}

async function drawn(
  options: EvaluateOptions,
  references: readonly Field[],
  context: RunContext,
): Promise<readonly Field[]> {
  const run = options.run ?? ''
  await requireDevice(options.device)
  const model = await loadGalaxiesModel(run)
  requireBox(references, periodicBox(model.box), 'the simulated fields', `the model in ${run}`)
  const thetas = references.map(field => field.theta)
  for (const theta of thetas) checkTheta(model, theta, options.extrapolate)
  const { fields } = await drawFields(
    {
      run,
      box: model.box,
      thetas,
      points: model.points,
      sampler: 'heun-sde',
      steps: 32,
      threads: options.threads,
      device: options.device,
      key: context.key.split('evaluate'),
      label: 'drawing fields',
    },
    context,
  )
  return fields
}

/** Where each drawn field has a simulated partner at its theta: the ratio of xi, averaged over cosmologies, with its error. */
function pairedRatios(
  samples: readonly Field[],
  references: readonly Field[],
  ours: readonly FieldStatistics[],
  theirs: readonly FieldStatistics[],
): Record<string, Metric> {
  const keyOf = (field: Field) =>
    JSON.stringify(
      Object.entries(field.theta)
        .map(([name, x]) => [name, x.toPrecision(5)])
        .sort(),
    )
  const partner = new Map(references.map((field, i) => [keyOf(field), theirs[i]]))
  const pairs = samples.flatMap((field, i) => {
    const other = partner.get(keyOf(field))
    return other ? [{ drawn: ours[i].xi, simulated: other.xi }] : []
  })
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
