import type { Json } from '../hdf5/nested.js'
import type { ObjectKind } from '../objects/index.js'

/** What a file holds, as `stipple inspect` prints it. */
export interface Inspection {
  readonly path: string
  readonly format: 'HDF5' | 'Arrow' | 'NPY' | 'CSV' | 'safetensors' | 'Quijote folder' | 'Gadget snapshot'
  readonly bytes: number
  /** Which of our subjects could read it */
  readonly subject: string | null
  readonly attributes: Readonly<Record<string, Json>>
  readonly items: readonly InspectedItem[]
}

export interface InspectedItem {
  readonly path: string
  readonly kind: 'group' | 'dataset' | 'type' | 'broken' | 'external' | 'unknown'
  readonly type?: string
  readonly shape?: readonly number[] | null
  readonly units?: string
  readonly range?: Range
  readonly storage?: string
  readonly attributes?: Readonly<Record<string, Json>>
  /** All values, where there are few */
  readonly value?: Json
  /** Where a link points */
  readonly target?: string
  /** Why it is not read */
  readonly unread?: string
}

/** Of the numbers that are no NaN; null where there are none. */
export interface Range {
  readonly min: Json
  readonly max: Json
  readonly nan: number
}

export interface InspectOptions {
  /** Read all numbers for their range; default true. A large file takes the time to read it. */
  readonly ranges?: boolean
  /** Values are given where there are at most so many; default 1000 */
  readonly values?: number
  /** The declarations by which a subject is recognised; default those of io/kinds.ts */
  readonly kinds?: readonly ObjectKind<unknown>[]
  readonly signal?: AbortSignal
}

/** Smallest and largest over many slices. */
export class RunningRange {
  private min: number | bigint = Number.POSITIVE_INFINITY
  private max: number | bigint = Number.NEGATIVE_INFINITY
  private nan = 0

  add(values: ArrayLike<number> | ArrayLike<bigint>): void {
    for (let i = 0; i < values.length; i++) {
      const value = values[i]
      // biome-ignore lint/suspicious/noSelfCompare: the cheapest test for NaN that also takes 64-bit integers
      if (value !== value) this.nan++
      else {
        if (value < this.min) this.min = value
        if (value > this.max) this.max = value
      }
    }
  }

  range(toJson: (value: number | bigint) => Json): Range {
    const empty = this.min > this.max
    return { min: empty ? null : toJson(this.min), max: empty ? null : toJson(this.max), nan: this.nan }
  }
}
