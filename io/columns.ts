/** Flat numbers as a reader yields them. 64-bit integers come as `BigInt64Array` or `BigUint64Array`, exactly. */
export type NumericArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array

/** Numbers, strings, references, ragged rows, or the members of a compound side by side. */
export type Column = NumericArray | readonly string[] | readonly (Reference | null)[] | readonly Column[] | Compound

/** A compound is read into columns, one a member, each as long as the selection. */
export interface Compound {
  readonly length: number
  readonly members: Readonly<Record<string, Column>>
}

/** What an HDF5 reference points at; `values` are those of a region. */
export interface Reference {
  readonly path: string
  readonly region?: { readonly shape: readonly number[] | null; readonly values: Column }
}

export function isNumeric(column: unknown): column is NumericArray {
  return ArrayBuffer.isView(column) && !(column instanceof DataView)
}

export function isCompound(column: Column): column is Compound {
  return !Array.isArray(column) && 'members' in column
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1)
}

/** As float32. 64-bit integers and float64 are narrowed to 24 bits of precision. */
export function toFloat32(values: NumericArray): Float32Array {
  if (values instanceof Float32Array) return values
  return isBig(values) ? Float32Array.from(values, Number) : new Float32Array(values)
}

/** As float64. 64-bit integers beyond 2^53 are rounded. */
export function toFloat64(values: NumericArray): Float64Array {
  if (values instanceof Float64Array) return values
  return isBig(values) ? Float64Array.from(values, Number) : new Float64Array(values)
}

/** As plain numbers. 64-bit integers beyond 2^53 are rounded. */
export function toNumbers(values: NumericArray): number[] {
  return isBig(values) ? Array.from(values, Number) : Array.from(values)
}

function isBig(values: NumericArray): values is BigInt64Array | BigUint64Array {
  return values instanceof BigInt64Array || values instanceof BigUint64Array
}

/** Pieces that follow each other, joined. All of the same kind. */
export function joinColumns(pieces: readonly Column[]): Column {
  if (pieces.length === 1) return pieces[0]
  const first = pieces[0]
  if (isNumeric(first)) {
    const total = pieces.reduce((sum, piece) => sum + (piece as NumericArray).length, 0)
    const out = new (first.constructor as Float64ArrayConstructor)(total)
    let at = 0
    for (const piece of pieces) {
      out.set(piece as Float64Array, at)
      at += (piece as NumericArray).length
    }
    return out as NumericArray
  }
  if (isCompound(first)) {
    const compounds = pieces as readonly Compound[]
    const members: Record<string, Column> = {}
    for (const name of Object.keys(first.members))
      members[name] = joinColumns(compounds.map(piece => piece.members[name]))
    return { length: compounds.reduce((sum, piece) => sum + piece.length, 0), members }
  }
  return (pieces as readonly (readonly string[])[]).flat(1)
}
