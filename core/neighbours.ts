/**
 * Fixed-k neighbours, receiver-major: the senders of receiver i are `senders[i * k … (i + 1) * k)`, nearest first, ties
 * by index. A point is never its own neighbour.
 */
export interface KnnGraph {
  readonly points: number
  readonly k: number
  readonly dim: number
  /** `[points, k]` */
  readonly senders: Int32Array
  /** `[points, k, dim]`: position of the sender minus the receiver's, by minimum image */
  readonly displacements: Float32Array
}

/**
 * All neighbours within a radius, compressed rows: senders of receiver i are `senders[offsets[i] … offsets[i + 1])`, by
 * index.
 */
export interface RadiusGraph {
  readonly points: number
  readonly radius: number
  readonly dim: number
  /** `[points + 1]` */
  readonly offsets: Int32Array
  readonly senders: Int32Array
  readonly displacements: Float32Array
}
