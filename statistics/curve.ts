import { shellCentres } from './bins.js'

/** Numbers along an axis, and what they should be, as commands print them in JSON. */
export interface Curve {
  /** Edges of bins, one more than there are values, or the points themselves */
  readonly x: readonly number[]
  readonly value: readonly number[]
  /** Standard errors: of the mean over fields, of a single field by jackknife, of counts binomial */
  readonly error: readonly number[]
  readonly reference?: readonly number[]
  readonly reference_error?: readonly number[]
  /** One field's standard deviation in the reference: how far apart two true fields are */
  readonly reference_scatter?: readonly number[]
  readonly unit: string
  readonly x_unit?: string
}

/** A number, and what it should be, as commands print it in JSON. */
export interface Metric {
  readonly value: number
  readonly error?: number
  readonly reference?: number
  readonly reference_error?: number
  /** Value over reference */
  readonly ratio?: number
  /** Whether the target of this metric is met, where it has one */
  readonly passed?: boolean
  readonly unit?: string
}

/** Centres to draw a curve at: the points, or the volume-weighted middle of each bin of separation. */
export function curvePoints(curve: Curve): number[] {
  if (curve.x.length === curve.value.length) return [...curve.x]
  return shellCentres(curve.x)
}
