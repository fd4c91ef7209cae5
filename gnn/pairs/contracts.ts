/**
 * Writes `[3 * points, columns]` features of a cloud; `columns` at least the number of features, further columns are
 * not written.
 */
export type PairFeatures = (
  positions: Float32Array,
  points: number,
  sigma: number,
  out: Float32Array,
  columns?: number,
) => Float32Array

/** Writes `[points, 3]`: the features of a cloud times `coefficients` `[features]`. */
export type PairForce = (
  positions: Float32Array,
  points: number,
  sigma: number,
  coefficients: Float64Array,
  out: Float32Array,
) => Float32Array
