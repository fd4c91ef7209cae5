import { UsageError } from '../../core/index.js'
import { joinColumns, type NumericArray, sizeOf } from '../columns.js'
import { type DtypeName, dtypeOf } from './encode.js'

/** A dataset that grows by rows. Rows gather until a chunk is full, so that every chunk is compressed once. */
export interface Hdf5Appender {
  readonly path: string
  readonly rows: number
  /** @param values  whole rows, flat; of the dataset's type */
  append(values: NumericArray): void
}

export class Appender implements Hdf5Appender {
  rows = 0
  private pending: NumericArray[] = []
  private pendingRows = 0

  constructor(
    readonly path: string,
    private readonly layout: {
      readonly dtype: DtypeName
      readonly rowShape: readonly number[]
      readonly chunkRows: number
    },
    private readonly put: (start: number, rows: number, bytes: Uint8Array) => void,
  ) {}

  append(values: NumericArray): void {
    const { dtype, rowShape, chunkRows } = this.layout
    const size = sizeOf(rowShape)
    if (dtypeOf(values) !== dtype || (size === 0 ? values.length > 0 : values.length % size !== 0)) {
      const got = `${values.length} of ${dtypeOf(values)}`
      throw new UsageError(
        `expected whole rows of ${size} ${dtype} for ${this.path}`,
        `got ${got}`,
        'convert them first',
      )
    }
    if (values.length === 0) return
    this.pending.push(values.slice())
    this.pendingRows += values.length / size
    this.rows += values.length / size
    if (this.pendingRows >= chunkRows) this.emit(this.pendingRows - (this.pendingRows % chunkRows))
  }

  flush(): void {
    if (this.pendingRows > 0) this.emit(this.pendingRows)
  }

  private emit(rows: number): void {
    const size = sizeOf(this.layout.rowShape)
    const start = this.rows - this.pendingRows
    const all = this.pending.length === 1 ? this.pending[0] : (joinColumns(this.pending) as NumericArray)
    const rest = all.subarray(rows * size) as NumericArray
    this.pending = rest.length > 0 ? [rest.slice()] : []
    this.pendingRows -= rows
    this.put(start, rows, bytesOf(all.subarray(0, rows * size) as NumericArray))
  }
}

export function bytesOf(values: NumericArray): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}
