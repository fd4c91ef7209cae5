import { DataError } from '../../core/index.js'
import { fitLinearGaussian, type LinearGaussian } from '../flow/linearGaussian.js'
import { normalCdf } from '../posterior/standardNormal.js'

/** What methods know of the training simulations before they learn: plain numbers, kept beside the parameters. */
export interface SimulationStatistics {
  /** length of theta */
  readonly parameters: number
  /** length of an observation */
  readonly observations: number
  /** how many independent draws of one law an observation is; 1 where it is none */
  readonly elements: number
  /**
   * `[observations]`: medians, and half of what lies between the 16% and the 84% quantiles; 1 where a column does not
   * vary
   */
  readonly centre: readonly number[]
  readonly scale: readonly number[]
  /** columns that hold whole numbers only */
  readonly whole: readonly boolean[]
  /** z given standardised x, to first order; absent where x has gaps or is too long to regress on */
  readonly posterior?: LinearGaussian
  /** standardised x (one of its draws) given z told twice, see `toldTwice` */
  readonly likelihood?: LinearGaussian
}

/** Numbers that went into a fit: flat rows. */
export interface SimulationTable {
  readonly rows: number
  /** `[rows, p]` standard normal coordinates of theta */
  readonly z: Float32Array
  /** `[rows, observations]` */
  readonly x: Float32Array
}

/** Where standardised numbers begin to be drawn in: farther out only their logarithm counts. */
export const bendAt = 6

/** Longest observation that the linear start regresses on. */
const longestShort = 256

/**
 * Robust statistics of the table and the linear relation of z and x. Gaps (NaN) count as absent.
 *
 * @param elements where an observation is so many independent draws of one law, one after the other, their columns are
 *   described together
 */
export function describeSimulations({ rows, z, x }: SimulationTable, elements = 1): SimulationStatistics {
  const [parameters, observations] = [z.length / rows, x.length / rows]
  if (rows < 2 || !Number.isInteger(parameters) || !Number.isInteger(observations)) {
    throw new DataError(
      'expected at least 2 rows of z and of x',
      `got ${rows} rows, ${z.length} numbers z and ${x.length} numbers x`,
      'give flat rows of one length',
    )
  }
  if (!Number.isInteger(observations / elements)) {
    throw new DataError(
      `expected observations of ${elements} draws of equal length`,
      `got ${observations} numbers`,
      'pad what is absent with NaN',
    )
  }
  const width = observations / elements
  const ofElement = Array.from({ length: width }, (_, column) => statisticsOf(x, column, width))
  const columns = Array.from({ length: observations }, (_, column) => ofElement[column % width])
  const statistics = {
    parameters,
    observations,
    elements,
    centre: columns.map(({ centre }) => centre),
    scale: columns.map(({ scale }) => scale),
    whole: columns.map(({ whole }) => whole),
  }
  const standard = standardised(statistics, x)
  const normal = Float64Array.from(z)
  const isWhole = !x.some(Number.isNaN)
  const isShort = (length: number) => length <= longestShort && rows >= 4 * (length + parameters)
  return {
    ...statistics,
    ...(isWhole &&
      isShort(observations) && { posterior: fitLinearGaussian(standard, observations, normal, parameters) }),
    ...(isWhole &&
      isShort(width) && {
        likelihood: fitLinearGaussian(
          repeated(toldTwice(normal, parameters), 2 * parameters, elements),
          2 * parameters,
          standard,
          width,
        ),
      }),
  }
}

/**
 * z and beside it sqrt(12) (Phi(z) - 1/2), of unit variance too: `[rows, 2 p]`. Simulators are often all but linear in
 * theta, and theta is linear in z where its prior is normal and in Phi(z) where it is uniform.
 */
function toldTwice(z: Float64Array, p: number): Float64Array {
  const out = new Float64Array(2 * z.length)
  for (const [i, value] of z.entries()) {
    const at = 2 * p * Math.floor(i / p) + (i % p)
    out[at] = value
    out[at + p] = Math.sqrt(12) * (normalCdf(value) - 0.5)
  }
  return out
}

function repeated(rows: Float64Array, width: number, times: number): Float64Array {
  if (times === 1) return rows
  const out = new Float64Array(rows.length * times)
  for (let row = 0; row < out.length / width; row++) {
    const from = Math.floor(row / times) * width
    out.set(rows.subarray(from, from + width), row * width)
  }
  return out
}

/**
 * x in the scales of the training data, `[n, observations]`; numbers farther out than 6 scales are drawn in by a
 * logarithm, s (6 + log(1 + |u| - 6)), which keeps their order, their value and slope at 6, and the weights of the
 * networks from being pulled by a few.
 */
export function standardised(
  { centre, scale, observations }: SimulationStatistics,
  x: Float32Array | Float64Array,
): Float64Array {
  return Float64Array.from(x, (value, i) => {
    const column = i % observations
    const u = (value - centre[column]) / scale[column]
    return Math.abs(u) <= bendAt ? u : Math.sign(u) * (bendAt + Math.log1p(Math.abs(u) - bendAt))
  })
}

function statisticsOf(x: Float32Array, column: number, columns: number) {
  const known = Float32Array.from({ length: x.length / columns }, (_, row) => x[row * columns + column])
    .filter(value => !Number.isNaN(value))
    .sort()
  if (known.length === 0) return { centre: 0, scale: 1, whole: false }
  const at = (share: number) => known[Math.round(share * (known.length - 1))]
  const centre = at(0.5)
  const half = (at(0.84) - at(0.16)) / 2
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length
  const deviation = Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / known.length)
  // Columns that are mostly one number have no middle half; those that are all one number have no deviation either.
  const tiny = 1e-6 * Math.abs(centre) + 1e-30
  const scale = half > tiny ? half : deviation > tiny ? deviation : 1
  return { centre, scale, whole: known.every(Number.isInteger) }
}
