import { UsageError } from '../core/index.js'

/** Degree, coefficients and initial numbers of the primitive polynomials (Joe and Kuo 2008, new-joe-kuo-6.21201). */
const directions: readonly { degree: number; coefficients: number; initial: readonly number[] }[] = [
  { degree: 0, coefficients: 0, initial: [] },
  { degree: 1, coefficients: 0, initial: [1] },
  { degree: 2, coefficients: 1, initial: [1, 3] },
  { degree: 3, coefficients: 1, initial: [1, 3, 1] },
  { degree: 3, coefficients: 2, initial: [1, 1, 1] },
  { degree: 4, coefficients: 1, initial: [1, 1, 3, 3] },
]

/**
 * The index-th point of the Sobol sequence in [0, 1)^dimensions, at most 6 dimensions, in Gray-code order. Point 0 is
 * the origin.
 *
 * @throws UsageError for more dimensions
 */
export function sobol(index: number, dimensions: number): number[] {
  if (dimensions > directions.length)
    throw new UsageError(
      `expected at most ${directions.length} dimensions of a Sobol sequence`,
      `got ${dimensions}`,
      'draw uniform numbers in place of it',
    )
  const gray = index ^ (index >>> 1)
  return directions.slice(0, dimensions).map(direction => {
    const numbers = directionNumbers(direction)
    let bits = 0
    for (let bit = 0; bit < 32; bit++) if ((gray >>> bit) & 1) bits ^= numbers[bit]
    return (bits >>> 0) / 2 ** 32
  })
}

function directionNumbers({ degree, coefficients, initial }: (typeof directions)[number]): Int32Array {
  const v = new Int32Array(32)
  for (let i = 0; i < 32; i++) {
    if (degree === 0) v[i] = 1 << (31 - i)
    else if (i < degree) v[i] = initial[i] << (31 - i)
    else {
      v[i] = v[i - degree] ^ (v[i - degree] >>> degree)
      for (let j = 1; j < degree; j++) if ((coefficients >>> (degree - 1 - j)) & 1) v[i] ^= v[i - j]
    }
  }
  return v
}
