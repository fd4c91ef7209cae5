/**
 * How a coefficient depends on theta: products of standardised parameters, each term the indices of its factors; `[]`
 * is the constant.
 */
export interface ThetaTerms {
  readonly names: readonly string[]
  /** What is standardised: the parameters (where absent) or their logarithms */
  readonly scale?: 'logarithmic'
  readonly mean: readonly number[]
  readonly deviation: readonly number[]
  /** Smallest and largest value of each parameter among the fields */
  readonly range: readonly (readonly [number, number])[]
  readonly terms: readonly (readonly number[])[]
}

/** Beyond linear: amplitude and shape of the halo correlation move mostly with these (omega_m fastest). */
const quadraticTerms: readonly (readonly [string, string])[] = [
  ['omega_m', 'omega_m'],
  ['omega_m', 'sigma_8'],
  ['sigma_8', 'sigma_8'],
  ['omega_m', 'h'],
  ['omega_m', 'n_s'],
]

/**
 * Terms for fields at these parameters `[fields][names]`: the constant, the linear ones of all that vary, and the
 * quadratic ones known to matter where there are at least `fieldsForQuadratic` fields to hold them.
 */
export function thetaTerms(
  names: readonly string[],
  theta: readonly (readonly number[])[],
  fieldsForQuadratic = 24,
  scale?: 'logarithmic',
): ThetaTerms {
  const scaled = scaleOf(scale)
  const columns = names.map((_, p) => theta.map(row => scaled(row[p])))
  const mean = columns.map(values => values.reduce((a, b) => a + b, 0) / values.length)
  const deviation = columns.map((values, p) =>
    Math.sqrt(values.reduce((a, b) => a + (b - mean[p]) ** 2, 0) / values.length),
  )
  const varies = deviation.map((s, p) => s > 1e-9 * Math.max(1, Math.abs(mean[p])))
  const terms: number[][] = [[]]
  for (let p = 0; p < names.length; p++) if (varies[p]) terms.push([p])
  if (theta.length >= fieldsForQuadratic)
    for (const [a, b] of quadraticTerms) {
      const pair = [names.indexOf(a), names.indexOf(b)]
      if (pair.every(p => p >= 0 && varies[p])) terms.push(pair)
    }
  return {
    names,
    mean,
    deviation: deviation.map((s, p) => (varies[p] ? s : 1)),
    range: names.map((_, p) => [Math.min(...theta.map(row => row[p])), Math.max(...theta.map(row => row[p]))]),
    terms,
    ...(scale && { scale }),
  }
}

function scaleOf(scale?: 'logarithmic'): (value: number) => number {
  return scale === 'logarithmic' ? Math.log : value => value
}

/** The value of each term at one theta, `[terms]`. */
export function termValues(space: ThetaTerms, theta: readonly number[]): Float64Array {
  const scaled = scaleOf(space.scale)
  const standard = theta.map((value, p) => (scaled(value) - space.mean[p]) / space.deviation[p])
  return Float64Array.from(space.terms, term => term.reduce((product, p) => product * standard[p], 1))
}

/**
 * Penalty of each term in a ridge fit: ten times more for each degree. A coefficient that changes with theta must earn
 * it; with one penalty for all, 36 fields at 11 terms explained a tenth less on unseen cosmologies than with this.
 */
export function termPenalties(space: ThetaTerms): number[] {
  return space.terms.map(term => 10 ** term.length)
}
