import type { StatisticsPair } from './againstScatter.js'
import { deleteOneError } from './jackknife.js'
import { overFields } from './overFields.js'

/** How a statistic of drawn fields follows the simulations' from cosmology to cosmology, in one bin. */
export interface ResponseBin {
  readonly from: number
  readonly to: number
  /** slope of drawn against simulated; 1 where the model answers to theta as the simulations do */
  readonly slope: number
  readonly error: number
  /** Pearson's, of drawn and simulated */
  readonly correlation: number
}

/**
 * Slope of the drawn xi on the simulated one over cosmologies, bin by bin. The simulated one is noisy itself, which
 * would flatten the slope: its variance is taken less the mean square of its own errors (Fuller 1987, "Measurement
 * error models", section 1.2). The error is a delete-one jackknife over cosmologies (at least 4).
 */
export function correlationResponse(cosmologies: readonly StatisticsPair[]): ResponseBin[] {
  if (cosmologies.length < 4) return []
  const { x, value } = cosmologies[0].references[0].xi
  return Array.from(value, (_, bin) => {
    const points = cosmologies.map(({ samples, references }) => ({
      drawn: overFields(samples.map(field => field.xi.value)).mean[bin],
      simulated: overFields(references.map(field => field.xi.value)).mean[bin],
      noise: (references[0].xi.error?.[bin] ?? 0) ** 2 / references.length,
    }))
    const without = points.map((_, left) => Float64Array.of(slopeOf(points.filter((_, at) => at !== left)).slope))
    const { slope, correlation } = slopeOf(points)
    return {
      from: x[bin],
      to: x[bin + 1],
      slope,
      error: deleteOneError(without)[0],
      correlation,
    }
  })
}

interface Point {
  readonly drawn: number
  readonly simulated: number
  /** variance of the error of `simulated` */
  readonly noise: number
}

function slopeOf(points: readonly Point[]): { slope: number; correlation: number } {
  const mean = (of: (point: Point) => number) => points.reduce((sum, point) => sum + of(point), 0) / points.length
  const [d, s] = [mean(point => point.drawn), mean(point => point.simulated)]
  const covariance = mean(point => (point.drawn - d) * (point.simulated - s))
  const drawn = mean(point => (point.drawn - d) ** 2)
  const simulated = mean(point => (point.simulated - s) ** 2)
  return {
    slope: covariance / (simulated - mean(point => point.noise)),
    correlation: covariance / Math.sqrt(drawn * simulated),
  }
}
