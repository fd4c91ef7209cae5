import { type Key, normal } from '../../core/index.js'

/** A distance that is not known exactly. */
export interface UncertainDistance {
  /** kpc: the likeliest, and how far the ends of its 68% interval are from it */
  readonly value: number
  readonly minus: number
  readonly plus: number
  /**
   * What is known of the stars' places. With angles on the sky all lengths of the galaxy go with its distance and, at
   * the same velocities, densities with its inverse square (G M / r stays); with kpc the galaxy stays as it is and is
   * only seen from farther away.
   */
  readonly places: 'angles' | 'kpc'
}

/**
 * A distance for each draw, over the likeliest: normal in the logarithm (as errors of distance moduli are), with the
 * error of its own to either side, so that 16% lie below `value - minus` and 16% above `value + plus`.
 */
export function distanceRatios({ value, minus, plus }: UncertainDistance, n: number, key: Key): Float64Array {
  const [nearer, farther] = [Math.log(value / (value - minus)), Math.log((value + plus) / value)]
  return Float64Array.from(normal(key, n), z => Math.exp(z * (z < 0 ? nearer : farther)))
}

/** What a reader of J and D should know. */
export function distanceNote({ value, minus, plus, places }: UncertainDistance): string {
  const how =
    places === 'angles'
      ? 'lengths of the galaxy go with it, at the same velocities, so that J goes with its inverse cube and D with its inverse'
      : 'the galaxy itself stays as it is, for its stars came in kpc'
  return (
    `J and D hold the error of the distance, ${value} -${minus} +${plus} kpc: each draw has a distance of its own; ${how}. ` +
    `The parameters and all else are for ${value} kpc.`
  )
}
