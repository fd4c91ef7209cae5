import { UsageError } from '../../../core/index.js'
import { applyTerms, penaltiesOf, regress, type ThetaSpace } from './thetaSpace.js'

/**
 * The mass function as the mass at each cumulative number density: log10 M = Q(ln n; theta), n = n(>M) in (Mpc/h)^-3.
 * One smooth function that masses are drawn from (n uniform up to the field's density) and that numbers are read from
 * (solved for n at a threshold). Chebyshev polynomials in ln n with coefficients in theta terms.
 */
export interface MassFunction {
  /** Range of ln n where the fields of the fit are complete */
  readonly range: readonly [number, number]
  readonly degree: number
  /** `[terms, degree + 1]` */
  readonly coefficients: Float64Array
  /**
   * Spread of ln n at fixed mass, beyond Poisson's, in a box of `volume` (Mpc/h)^3: clustering and what the regression
   * misses
   */
  readonly spread: number
  readonly volume: number
}

/** One field's masses for the fit. */
export interface MassSample {
  /** log10 Msun/h, descending */
  readonly logMass: Float64Array
  readonly volume: number
  /** `[terms]` */
  readonly terms: Float64Array
}

const usualDegree = 6
/** Ranks at which a field's masses enter the fit, log-spaced. */
const ranksPerOctave = 2

export function fitMassFunction(samples: readonly MassSample[], space: ThetaSpace, degree = usualDegree): MassFunction {
  const low = Math.min(...samples.map(({ volume }) => Math.log(0.5 / volume)))
  const high = Math.min(...samples.map(({ logMass, volume }) => Math.log((logMass.length - 0.5) / volume)))
  const design: Float64Array[] = []
  const values: number[][] = []
  const weights: number[] = []
  for (const { logMass, volume, terms } of samples)
    for (const rank of ranks(logMass.length)) {
      const x = Math.log((rank - 0.5) / volume)
      if (x > high + 1e-9) continue
      design.push(product(terms, chebyshev(x, [low, high], degree)))
      values.push([logMass[rank - 1]])
      // ln n is known to 1/sqrt(rank) by Poisson, and not better than a few percent
      weights.push(1 / (1 / rank + 5e-4))
    }
  const penalties = penaltiesOf(space).flatMap(p => Array.from({ length: degree + 1 }, () => p))
  const coefficients = regress(design, values, { weights, ridge: 1e-6, penalties })
  const fitted = { range: [low, high] as const, degree, coefficients, spread: 0, volume: 1 }
  return { ...fitted, ...measureSpread(fitted, samples) }
}

/**
 * log10 M at ln n. Beyond the range of the fit it goes on in a straight line: above 1 per volume of the largest field,
 * and for a few percent below its lightest.
 */
export function massAt(
  { range, degree, coefficients }: MassFunction,
  terms: ArrayLike<number>,
): (lnDensity: number) => number {
  const own = applyTerms(terms, coefficients)
  const at = (x: number) => chebyshev(x, range, degree).reduce((sum, value, d) => sum + value * own[d], 0)
  const step = 0.05
  const ends = range.map((x, e) => {
    const value = at(x)
    const inside = at(x + (e === 0 ? step : -step))
    // masses fall with number density, also where noise would turn the curve
    return { x, value, slope: Math.min(-0.02, (e === 0 ? inside - value : value - inside) / step) }
  })
  return x => {
    const end = x < range[0] ? ends[0] : x > range[1] ? ends[1] : undefined
    return end ? end.value + end.slope * (x - end.x) : at(x)
  }
}

/**
 * ln n(>M) at a threshold log10 Msun/h, by bisection. @throws UsageError below the least mass where the fields of the
 * fit are complete
 */
export function lnDensityAt(mass: MassFunction, terms: ArrayLike<number>, threshold: number): number {
  const of = massAt(mass, terms)
  const least = of(mass.range[1])
  if (!(threshold >= least))
    throw new UsageError(
      `expected a threshold of at least ${(Math.ceil(least * 1000) / 1000).toFixed(3)} (log10 Msun/h), the lightest halos known at this theta`,
      `got ${threshold}`,
      'raise the threshold',
    )
  let low = mass.range[0] - 25
  let high = mass.range[1]
  for (let i = 0; i < 80; i++) {
    const middle = (low + high) / 2
    if (of(middle) > threshold) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/**
 * Variance of ln N about the fit, less Poisson's, at ranks of some hundred and more, with the degrees of freedom the
 * fit has used up.
 */
function measureSpread(
  fitted: MassFunction,
  samples: readonly MassSample[],
): { readonly spread: number; readonly volume: number } {
  const volume = samples.reduce((sum, sample) => sum + sample.volume, 0) / samples.length
  const terms = samples[0].terms.length
  const free = samples.length / Math.max(1, samples.length - terms)
  let sum = 0
  let count = 0
  for (const { logMass, volume, terms } of samples) {
    const of = massAt(fitted, terms)
    for (const rank of ranks(logMass.length)) {
      if (rank < 300) continue
      const x = Math.log((rank - 0.5) / volume)
      const slope = (of(x) - of(x - 0.1)) / 0.1
      sum += free * ((logMass[rank - 1] - of(x)) / slope) ** 2 - 1 / rank
      count++
    }
  }
  return { spread: Math.sqrt(Math.max(0, count > 0 ? sum / count : 0)), volume }
}

function ranks(count: number): number[] {
  const out = new Set<number>()
  for (let q = 0; ; q++) {
    const rank = Math.round(2 ** (q / ranksPerOctave))
    if (rank >= count) break
    out.add(rank)
  }
  return [...out, count]
}

function chebyshev(x: number, [low, high]: readonly [number, number], degree: number): Float64Array {
  const u = (2 * x - low - high) / (high - low)
  const out = new Float64Array(degree + 1)
  out[0] = 1
  if (degree > 0) out[1] = u
  for (let d = 2; d <= degree; d++) out[d] = 2 * u * out[d - 1] - out[d - 2]
  return out
}

function product(terms: Float64Array, polynomials: Float64Array): Float64Array {
  const out = new Float64Array(terms.length * polynomials.length)
  for (let t = 0; t < terms.length; t++)
    for (let d = 0; d < polynomials.length; d++) out[t * polynomials.length + d] = terms[t] * polynomials[d]
  return out
}
