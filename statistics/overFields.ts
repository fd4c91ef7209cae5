/** A statistic over several fields of one kind, bin by bin. */
export interface OverFields {
  readonly fields: number
  readonly mean: number[]
  /** one field's standard deviation (n - 1 in the denominator); NaN for a single field */
  readonly scatter: number[]
  /** standard error of the mean, scatter / sqrt(fields) */
  readonly standardError: number[]
}

/** Mean, scatter and standard error over rows `[fields][bins]`; NaN and infinities do not count in their bin. */
export function overFields(rows: readonly ArrayLike<number>[]): OverFields {
  const bins = rows[0]?.length ?? 0
  const mean: number[] = []
  const scatter: number[] = []
  const standardError: number[] = []
  for (let bin = 0; bin < bins; bin++) {
    const values = rows.map(row => row[bin]).filter(Number.isFinite)
    const centre = values.reduce((sum, value) => sum + value, 0) / values.length
    const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0)
    const spread = values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : Number.NaN
    mean.push(centre)
    scatter.push(spread)
    standardError.push(spread / Math.sqrt(values.length))
  }
  return { fields: rows.length, mean, scatter, standardError }
}
