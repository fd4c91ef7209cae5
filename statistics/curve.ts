/**
 * A statistic as COMMANDS.md prints it. `x` holds bin edges (one more than the values) or the points themselves.
 * Errors are standard errors of the mean over fields, or a jackknife's where there is only one field.
 */
export interface Curve {
  readonly x: readonly number[]
  readonly value: readonly number[]
  readonly error: readonly number[]
  readonly reference?: readonly number[]
  readonly reference_error?: readonly number[]
  /** one field's standard deviation in the reference: how far apart two true fields are */
  readonly reference_scatter?: readonly number[]
  readonly unit: string
  readonly x_unit: string
}

/** A single figure, and what it should be. */
export interface Metric {
  readonly value: number
  readonly error?: number
  readonly reference?: number
  readonly reference_error?: number
  /** value over reference */
  readonly ratio?: number
  /** whether the target of this metric is met, where it has one */
  readonly passed?: boolean
  readonly unit?: string
}

/** Centres to draw a curve at: the points, or the volume-weighted middle of each bin of separation. */
export function curvePoints(curve: Curve): number[] {
  if (curve.x.length === curve.value.length) return [...curve.x]
  return curve.value.map((_, bin) => {
    const [low, high] = [curve.x[bin], curve.x[bin + 1]]
    return (0.75 * (high ** 4 - low ** 4)) / (high ** 3 - low ** 3)
  })
}
