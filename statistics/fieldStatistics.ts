import { UsageError } from '../core/index.js'
import type { Field } from '../io/galaxies/field.js'
import { correlationEdges, fineCorrelationEdges } from './bins.js'
import { type TriangleShells, threePoint, triangleShells } from './bispectrum.js'
import { boxVolume } from './boxLengths.js'
import { correlationFunction, uniformPairs } from './correlationFunction.js'
import { correlationWithError } from './correlationJackknife.js'
import { gridQueries, knnCdf, nearestRanks } from './knnCdf.js'
import { cumulativeMassFunction } from './massFunction.js'
import { redshiftMultipoles } from './multipoles.js'
import { pairwiseVelocity, pairwiseVelocityWithError } from './pairwiseVelocity.js'

/** What is measured of every field, so that fields can be compared bin by bin. */
export interface StatisticsOptions {
  /** bin edges of separation, Mpc/h */
  readonly edges: readonly number[]
  /** bin edges of separation of `xi_fine`, Mpc/h */
  readonly fineEdges: readonly number[]
  /** radii of the nearest-neighbour distributions, Mpc/h */
  readonly knnRadii: readonly number[]
  readonly knnRanks: readonly number[]
  /** query points a side of the box, on a grid */
  readonly knnGrid: number
  /** log10 Msun/h */
  readonly massThresholds: readonly number[]
  /** shells of wavenumber of the power spectrum and the bispectrum */
  readonly triangles: TriangleShells
  readonly redshift: number
}

/** One statistic of one field. */
export interface Measured {
  readonly x: readonly number[]
  readonly value: Float64Array
  /** the single field's own error by jackknife (Poisson for masses), where it was asked for and there is one */
  readonly error?: Float64Array
  /**
   * What one pair, halo or query point more would add, where the statistic counts them: a scatter of zero (no pair in
   * any field) is no smaller than that
   */
  readonly quantum?: Float64Array
  readonly unit: string
  readonly x_unit: string
}

/**
 * By name: `xi`, `xi_fine`, `xi_0 xi_2 xi_4` (redshift space), `power`, `bispectrum_equilateral`,
 * `bispectrum_squeezed`, `knn_1` …, `v12`, `mass_function`. Only what the field allows.
 */
export type FieldStatistics = Readonly<Record<string, Measured>>

/** Options that suit these fields: separations up to half the smallest box, thresholds over the masses they have. */
export function statisticsFor(fields: readonly Field[], overrides: Partial<StatisticsOptions> = {}): StatisticsOptions {
  const reach = Math.min(...fields.map(field => Math.min(...field.box.map(length => (length ?? 0) / 2))))
  const edges = correlationEdges.filter(edge => edge <= reach)
  if (edges.length < 2)
    throw new UsageError(
      'expected a periodic box of at least 10 Mpc/h',
      `got half of it at ${reach}`,
      'give edges that suit the box, in Mpc/h',
    )
  const density = fields.reduce((sum, field) => sum + field.points / boxVolume(field.box), 0) / fields.length
  // radius of a sphere with one point on average: the scale on which every rank's distribution rises
  const unit = Math.cbrt(3 / (4 * Math.PI * density))
  return {
    edges,
    fineEdges: fineCorrelationEdges.filter(edge => edge <= reach),
    knnRadii: Array.from({ length: 30 }, (_, i) => Number((((i + 1) / 30) * 3.2 * unit).toPrecision(4))),
    knnRanks: nearestRanks.filter(rank => fields.every(field => field.points >= rank)),
    knnGrid: 20,
    massThresholds: massThresholds(fields),
    triangles: triangleShells(fields[0].box),
    redshift: 0,
    ...overrides,
  }
}

/** 16 thresholds from the lightest halo that every field can show to the 20th heaviest of the richest field. */
function massThresholds(fields: readonly Field[]): number[] {
  const masses = fields.flatMap(field => (field.logMass === undefined ? [] : [field.logMass.slice().sort()]))
  if (masses.length === 0) return []
  const low = Math.max(...masses.map(ascending => ascending[0]))
  const high = Math.max(low + 0.1, ...masses.map(ascending => ascending[Math.max(0, ascending.length - 20)]))
  return Array.from({ length: 16 }, (_, i) => Number((low + ((high - low) * i) / 15).toFixed(4)))
}

/**
 * Everything we measure of one field: a pure function, fit for a worker thread. About 0.4 s for 5000 points.
 *
 * @param withErrors also the jackknife of xi and v12, for when there is no second field to compare with
 */
export function fieldStatistics(field: Field, options: StatisticsOptions, withErrors = false): FieldStatistics {
  const { positions, velocities, logMass, box } = field
  const { edges, knnRadii, knnRanks } = options
  const separation = { x: edges, x_unit: 'Mpc/h' }
  const out: Record<string, Measured> = {}
  const { fineEdges, triangles } = options
  for (const [name, bins] of [
    ['xi', edges],
    ['xi_fine', fineEdges],
  ] as const)
    out[name] = {
      x: bins,
      x_unit: 'Mpc/h',
      ...(withErrors
        ? correlationWithError(positions, box, { edges: bins })
        : { value: correlationFunction(positions, box, bins) }),
      quantum: uniformPairs(field.points, box, bins).map(pairs => 1 / pairs),
      unit: '',
    }
  if (velocities !== undefined) {
    const { monopole, quadrupole, hexadecapole } = redshiftMultipoles(field, edges, [0, 1, 2], options.redshift)
    out.xi_0 = { ...separation, value: monopole, unit: '' }
    out.xi_2 = { ...separation, value: quadrupole, unit: '' }
    out.xi_4 = { ...separation, value: hexadecapole, unit: '' }
  }
  const { power, equilateral, squeezed } = threePoint(positions, box, triangles)
  const k = { x_unit: 'h/Mpc' }
  out.power = { ...k, x: triangles.k, ...power, unit: '(Mpc/h)^3' }
  out.bispectrum_equilateral = { ...k, x: triangles.k, ...equilateral, unit: '(Mpc/h)^6' }
  out.bispectrum_squeezed = { ...k, x: triangles.k.slice(1), value: squeezed, unit: '(Mpc/h)^6' }
  const oneQuery = new Float64Array(knnRadii.length).fill(1 / options.knnGrid ** 3)
  const cdfs =
    knnRanks.length === 0
      ? []
      : knnCdf(positions, box, gridQueries(box, options.knnGrid), { radii: knnRadii, ranks: knnRanks })
  for (const [at, rank] of knnRanks.entries())
    out[`knn_${rank}`] = { x: knnRadii, x_unit: 'Mpc/h', value: cdfs[at], quantum: oneQuery, unit: '' }
  if (velocities !== undefined)
    out.v12 = withErrors
      ? { ...separation, ...pairwiseVelocityWithError(positions, velocities, box, { edges }), unit: 'km/s' }
      : { ...separation, value: pairwiseVelocity(positions, velocities, box, edges), unit: 'km/s' }
  if (logMass !== undefined && options.massThresholds.length > 0) {
    const volume = boxVolume(box)
    const value = cumulativeMassFunction(logMass, options.massThresholds, volume)
    const error = value.map(n => Math.sqrt(n / volume))
    const quantum = value.map(() => 1 / volume)
    out.mass_function = { x: options.massThresholds, x_unit: 'log10 Msun/h', value, error, quantum, unit: '(Mpc/h)^-3' }
  }
  return out
}
