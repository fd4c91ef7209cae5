import { UsageError } from '../../core/index.js'
import { logStandardNormal, normalCdf, normalInverseCdf } from '../posterior/standardNormal.js'

/** The prior of one parameter as a user writes it. `lognormal`: mean and standard deviation of ln theta. */
export type MarginalSpec =
  | { readonly uniform: readonly [low: number, high: number] }
  | { readonly normal: readonly [mean: number, deviation: number] }
  | { readonly lognormal: readonly [mean: number, deviation: number] }

/** A distribution of one number as the image of a standard normal z. */
export interface Marginal {
  readonly spec: MarginalSpec
  toTheta(z: number): number
  /** Not finite outside the support. */
  toNormal(theta: number): number
  /** nats */
  logProb(theta: number): number
  /** d theta / d z */
  slope(z: number): number
}

/** @throws UsageError where an end or a width is not a finite number, or the width not positive */
export function marginalOf(name: string, spec: MarginalSpec): Marginal {
  if ('uniform' in spec) return uniformMarginal(name, spec)
  const [mean, deviation] = 'normal' in spec ? spec.normal : spec.lognormal
  if (!(Number.isFinite(mean) && deviation > 0 && deviation < Infinity))
    throw new BadMarginal(name, 'a finite mean and a positive deviation', [mean, deviation])
  return 'normal' in spec ? normalMarginal(spec) : lognormalMarginal(spec)
}

/** By the normal distribution function, from the closer end, so that both tails keep their digits. */
function uniformMarginal(name: string, spec: { readonly uniform: readonly [number, number] }): Marginal {
  const [low, high] = spec.uniform
  const width = high - low
  if (!(width > 0 && width < Infinity)) throw new BadMarginal(name, 'two finite ends, the lower first', [low, high])
  return {
    spec,
    toTheta: z => (z < 0 ? low + width * normalCdf(z) : high - width * normalCdf(-z)),
    toNormal: theta => {
      if (!(theta >= low && theta <= high)) return Number.NaN
      const [below, above] = [(theta - low) / width, (high - theta) / width]
      return below < above ? normalInverseCdf(below) : -normalInverseCdf(above)
    },
    logProb: theta => (theta >= low && theta <= high ? -Math.log(width) : -Infinity),
    slope: z => width * Math.exp(logStandardNormal(z)),
  }
}

function normalMarginal(spec: { readonly normal: readonly [number, number] }): Marginal {
  const [mean, deviation] = spec.normal
  const toNormal = (theta: number) => (theta - mean) / deviation
  return {
    spec,
    toTheta: z => mean + deviation * z,
    toNormal,
    logProb: theta => logStandardNormal(toNormal(theta)) - Math.log(deviation),
    slope: () => deviation,
  }
}

function lognormalMarginal(spec: { readonly lognormal: readonly [number, number] }): Marginal {
  const [mean, deviation] = spec.lognormal
  const toNormal = (theta: number) => (theta > 0 ? (Math.log(theta) - mean) / deviation : Number.NaN)
  const toTheta = (z: number) => Math.exp(mean + deviation * z)
  return {
    spec,
    toTheta,
    toNormal,
    logProb: theta =>
      theta > 0 ? logStandardNormal(toNormal(theta)) - Math.log(deviation) - Math.log(theta) : -Infinity,
    slope: z => deviation * toTheta(z),
  }
}

/** A prior with impossible numbers, such as a width below zero. */
export class BadMarginal extends UsageError {
  constructor(
    readonly parameter: string,
    readonly wanted: string,
    readonly values: readonly unknown[],
  ) {
    super(`expected the prior of ${parameter} to have ${wanted}`, `got [${values.join(', ')}]`, 'correct the prior')
  }
}
