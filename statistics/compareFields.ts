import { DataError } from '../core/index.js'
import type { Field } from '../io/galaxies/field.js'
import type { Curve, Metric } from './curve.js'
import { type FieldStatistics, fieldStatistics, type StatisticsOptions, statisticsFor } from './fieldStatistics.js'
import { type OverFields, overFields } from './overFields.js'

/** What `galaxies evaluate` prints. */
export interface Comparison {
  readonly metrics: Readonly<Record<string, Metric>>
  readonly curves: Readonly<Record<string, Curve>>
  /** whether every metric that has a target meets it; absent without a reference */
  readonly passed?: boolean
}

/**
 * The target of the quick preset: mean xi within the larger of 20% and two standard errors, in these bins of
 * separation, Mpc/h. The standard error is that of the difference of the two means.
 */
export const xiTarget = { bins: ['12_18', '18_25', '25_35', '35_50'], share: 0.2, standardErrors: 2 } as const

/** Measures all fields in this thread and compares; for many fields measure in workers and call `compareStatistics`. */
export function compareFields(
  samples: readonly Field[],
  references: readonly Field[],
  overrides: Partial<StatisticsOptions> = {},
): Comparison {
  const options = statisticsFor([...references, ...samples], overrides)
  const measure = (fields: readonly Field[]) =>
    fields.map(field => fieldStatistics(field, options, fields.length === 1))
  return compareStatistics(measure(samples), measure(references))
}

/**
 * Means over fields of each statistic, samples beside reference. A statistic that some field lacks (no velocities) is
 * omitted on that side. Fields of several cosmologies may be mixed if both sides hold the same ones; errors then
 * include the spread of cosmologies and the targets become easy: compare cosmology by cosmology where it matters.
 */
export function compareStatistics(
  samples: readonly FieldStatistics[],
  references: readonly FieldStatistics[] = [],
): Comparison {
  if (samples.length === 0) throw new DataError('expected at least one sampled field', 'got none', 'check --samples')
  const curves: Record<string, Curve> = {}
  for (const name of Object.keys(samples[0])) {
    const ours = summary(samples, name)
    const theirs = summary(references, name)
    if (ours === undefined) continue
    const { x, x_unit, unit } = samples[0][name]
    curves[name] = {
      x,
      value: ours.mean,
      error: ours.standardError,
      ...(theirs && {
        reference: theirs.mean,
        reference_error: theirs.standardError,
        reference_scatter: theirs.scatter,
      }),
      unit,
      x_unit,
    }
  }
  const metrics: Record<string, Metric> = {}
  for (const [name, curve] of Object.entries(curves)) Object.assign(metrics, metricsOf(name, curve))
  const judged = Object.values(metrics).filter(metric => metric.passed !== undefined)
  return { metrics, curves, ...(judged.length > 0 && { passed: judged.every(metric => metric.passed) }) }
}

/** Over fields; for a single field its own error stands in. */
function summary(fields: readonly FieldStatistics[], name: string): OverFields | undefined {
  if (fields.length === 0 || fields.some(field => field[name] === undefined)) return undefined
  const over = overFields(fields.map(field => field[name].value))
  const own = fields[0][name].error
  return fields.length === 1 && own ? { ...over, scatter: [...own], standardError: [...own] } : over
}

/**
 * xi, its redshift-space multipoles and v12 bin by bin; of the distributions the largest difference; of masses the mean
 * ratio.
 */
function metricsOf(name: string, curve: Curve): Record<string, Metric> {
  const { x, value, error, reference, reference_error, unit } = curve
  if (name.startsWith('knn_') && reference) {
    const gap = Math.max(...value.map((share, at) => Math.abs(share - reference[at])))
    return { [`${name}_largest_difference`]: { value: gap, reference: 0 } }
  }
  if (name === 'mass_function' && reference) {
    const ratios = value.flatMap((n, at) => (reference[at] > 0 ? [n / reference[at]] : []))
    const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length
    return { mass_function_ratio: { value: mean, reference: 1 } }
  }
  // 24 fine bins would be a wall of numbers: their curve and its summary stand for them
  if (name === 'xi_fine' || x.length !== value.length + 1) return {}
  const metrics: Record<string, Metric> = {}
  for (let bin = 0; bin < value.length; bin++) {
    const range = `${x[bin]}_${x[bin + 1]}`
    const targeted = name === 'xi' && (xiTarget.bins as readonly string[]).includes(range)
    metrics[`${name}_${range}`] = {
      value: value[bin],
      error: error[bin],
      ...(reference && {
        reference: reference[bin],
        reference_error: reference_error?.[bin],
        ratio: value[bin] / reference[bin],
        ...(targeted && { passed: meetsTarget(value[bin], error[bin], reference[bin], reference_error?.[bin] ?? 0) }),
      }),
      unit,
    }
  }
  return metrics
}

function meetsTarget(value: number, error: number, reference: number, referenceError: number): boolean {
  const uncertainty = Math.hypot(orZero(error), orZero(referenceError))
  const allowed = Math.max(xiTarget.share * Math.abs(reference), xiTarget.standardErrors * uncertainty)
  return Math.abs(value - reference) <= allowed
}

function orZero(x: number): number {
  return Number.isFinite(x) ? x : 0
}
