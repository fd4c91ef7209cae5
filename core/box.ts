/** The periodic box: one length an axis, in the positions' unit; `null` where the axis is open. */
export type Box = readonly (number | null)[]

export function periodicBox(length: number, dim = 3): Box {
  return Array.from({ length: dim }, () => length)
}

export function openBox(dim = 3): Box {
  return Array.from({ length: dim }, () => null)
}

/** `x` taken into [0, length); also where rounding would give `length` itself. */
export function wrap(x: number, length: number): number {
  const y = x - length * Math.floor(x / length)
  return y >= length || y < 0 ? 0 : y
}

/** Wraps flat positions `[…, dim]` in place, axis by axis, so that also the float32 value is below the length. */
export function wrapPositions(positions: Float32Array, box: Box): Float32Array {
  const dim = box.length
  for (let axis = 0; axis < dim; axis++) {
    const length = box[axis]
    if (length === null) continue
    for (let i = axis; i < positions.length; i += dim) {
      positions[i] = wrap(positions[i], length)
      if (positions[i] >= length) positions[i] = 0
    }
  }
  return positions
}

/** The shortest of all periodic images of a separation `d` along an axis of this length. */
export function minimumImage(d: number, length: number | null): number {
  return length === null ? d : d - length * Math.round(d / length)
}
