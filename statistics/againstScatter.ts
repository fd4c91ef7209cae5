import type { Curve } from './curve.js'
import type { FieldStatistics, Measured } from './fieldStatistics.js'
import { overFields } from './overFields.js'

/** The statistics of fields drawn at one cosmology and of the simulated fields there. */
export interface StatisticsPair {
  readonly samples: readonly FieldStatistics[]
  readonly references: readonly FieldStatistics[]
}

/**
 * Where one field's scatter comes from: the spread of several simulated fields of one cosmology; the `own` error of
 * each simulated field (jackknife; for masses Poisson), root mean square over cosmologies; the spread over cosmologies
 * of drawn minus simulated, which holds two fields' scatter and whatever bias varies with theta; or nowhere.
 */
export type ScatterSource = 'fields' | 'own' | 'differences' | 'none'

/**
 * A statistic of drawn fields beside simulated ones, in units of how far apart two simulated fields are. The `error` of
 * several cosmologies is that of the mean difference, and `reference_error` absent: each alone holds the spread of
 * cosmologies.
 */
export interface JudgedCurve extends Curve {
  readonly reference: readonly number[]
  /** one simulated field's standard deviation about the mean of its cosmology */
  readonly reference_scatter: readonly number[]
  readonly scatter_from: ScatterSource
  /** standard error of the mean difference */
  readonly difference_error: readonly number[]
  /** (drawn - simulated) / scatter of one field */
  readonly sigmas: readonly number[]
}

/** A judged curve in two numbers, and what the second would be for a perfect model with as many fields. */
export interface CurveSummary {
  readonly max_sigma: number
  readonly rms_sigma: number
  readonly expected_rms_sigma: number
}

/** All statistics that every field on both sides has, averaged over the cosmologies, each of which counts the same. */
export function againstScatter(cosmologies: readonly StatisticsPair[]): Record<string, JudgedCurve> {
  const fields = cosmologies.flatMap(({ samples, references }) => [...samples, ...references])
  const names = Object.keys(fields[0] ?? {}).filter(name => fields.every(field => field[name] !== undefined))
  return Object.fromEntries(
    names.map(name => [
      name,
      judged(
        cosmologies.map(({ samples, references }) => ({
          samples: samples.map(field => field[name]),
          references: references.map(field => field[name]),
        })),
      ),
    ]),
  )
}

/** The largest and the root mean square of drawn minus simulated over its scatter, in all bins that have a scatter. */
export function summaryOf({ sigmas, difference_error, reference_scatter }: JudgedCurve): CurveSummary {
  const known = sigmas.flatMap((sigma, bin) => (Number.isFinite(sigma) ? [{ sigma, bin }] : []))
  const rms = (values: readonly number[]) => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length)
  return {
    max_sigma: known.length === 0 ? Number.NaN : Math.max(...known.map(({ sigma }) => Math.abs(sigma))),
    rms_sigma: rms(known.map(({ sigma }) => sigma)),
    expected_rms_sigma: rms(
      known.map(({ bin }) => difference_error[bin] / reference_scatter[bin]).filter(share => Number.isFinite(share)),
    ),
  }
}

interface MeasuredPair {
  readonly samples: readonly Measured[]
  readonly references: readonly Measured[]
}

function judged(cosmologies: readonly MeasuredPair[]): JudgedCurve {
  const { x, x_unit, unit, value: first } = cosmologies[0].references[0]
  const bins = Array.from(first, (_, bin) => bin)
  const sides = cosmologies.map(({ samples, references }) => ({
    drawn: overFields(samples.map(({ value }) => value)),
    simulated: overFields(references.map(({ value }) => value)),
    drawnError: meanError(samples),
    simulatedError: meanError(references),
  }))
  const drawn = bins.map(bin => mean(sides.map(side => side.drawn.mean[bin])))
  const simulated = bins.map(bin => mean(sides.map(side => side.simulated.mean[bin])))
  const differences = bins.map(bin => sides.map(side => side.drawn.mean[bin] - side.simulated.mean[bin]))
  const alone = cosmologies.length === 1
  // Few cosmologies do not know their own spread: the errors of each side, then, added in squares.
  const summed = bins.map(
    bin =>
      Math.sqrt(sides.reduce((sum, side) => sum + side.drawnError[bin] ** 2 + side.simulatedError[bin] ** 2, 0)) /
      sides.length,
  )
  const difference_error =
    cosmologies.length < 4
      ? summed
      : differences.map(row => spread(row) / Math.sqrt(row.filter(Number.isFinite).length))
  const { scatter, from } = scatterOf(cosmologies, differences)
  const quantum = bins.map(bin => mean(cosmologies.map(({ references }) => references[0].quantum?.[bin] ?? 0)))
  const reference_scatter = scatter.map((sigma, bin) => Math.max(sigma, quantum[bin]))
  return {
    x,
    value: drawn,
    error: alone ? Array.from(sides[0].drawnError) : difference_error,
    reference: simulated,
    ...(alone && { reference_error: Array.from(sides[0].simulatedError) }),
    reference_scatter,
    scatter_from: from,
    difference_error,
    sigmas: bins.map(bin => (drawn[bin] - simulated[bin]) / (reference_scatter[bin] || Number.NaN)),
    unit,
    x_unit,
  }
}

/** Standard error of the mean of these fields: from their spread, of one field its own. */
function meanError(fields: readonly Measured[]): ArrayLike<number> {
  if (fields.length > 1) return overFields(fields.map(({ value }) => value)).standardError
  return fields[0].error ?? Array.from(fields[0].value, () => Number.NaN)
}

function scatterOf(
  cosmologies: readonly MeasuredPair[],
  differences: readonly (readonly number[])[],
): { readonly scatter: readonly number[]; readonly from: ScatterSource } {
  const bins = differences.map((_, bin) => bin)
  const freedom = cosmologies.reduce((sum, { references }) => sum + references.length - 1, 0)
  if (freedom >= 3 && cosmologies.every(({ references }) => references.length > 1)) {
    const spreads = cosmologies.map(({ references }) => overFields(references.map(({ value }) => value)).scatter)
    const weights = cosmologies.map(({ references }) => (references.length - 1) / freedom)
    return {
      scatter: bins.map(bin => Math.sqrt(spreads.reduce((sum, row, at) => sum + weights[at] * row[bin] ** 2, 0))),
      from: 'fields',
    }
  }
  const own = cosmologies.flatMap(({ references }) => references.map(({ error }) => error))
  if (own.every(error => error !== undefined))
    return { scatter: bins.map(bin => Math.sqrt(mean(own.map(error => error[bin] ** 2)))), from: 'own' }
  if (cosmologies.length >= 4) {
    const fieldsEach = mean(cosmologies.map(({ samples, references }) => 1 / samples.length + 1 / references.length))
    return { scatter: bins.map(bin => spread(differences[bin]) / Math.sqrt(fieldsEach)), from: 'differences' }
  }
  return { scatter: bins.map(() => Number.NaN), from: 'none' }
}

/** Of the values that are numbers. */
function mean(values: readonly number[]): number {
  const known = values.filter(Number.isFinite)
  return known.reduce((sum, x) => sum + x, 0) / known.length
}

function spread(values: readonly number[]): number {
  const known = values.filter(Number.isFinite)
  const centre = mean(known)
  return Math.sqrt(known.reduce((sum, x) => sum + (x - centre) ** 2, 0) / (known.length - 1))
}
