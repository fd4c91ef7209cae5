import type { Tensor } from '@tensorflow/tfjs'
import type { ArrayValue, Tree } from '../core/index.js'
import { type Compiled, compile } from './compile.js'
import { type OrtTensor, toOrt } from './model.js'
import { isArrayValue, mapTree } from './tree.js'

/** What a program of rows reads beside its parameters. */
export interface RowInputs<T> {
  /** tensors that all rows share */
  readonly shared: T[]
  /** `[n, width]` each */
  readonly rows: T[]
}

export interface RowProgramOptions {
  readonly params: Tree<ArrayValue>
  /** shapes of what all rows share */
  readonly shared?: readonly (readonly number[])[]
  /** widths of the inputs by rows */
  readonly rows: readonly number[]
  /** length of a condition that comes before the inputs by rows, one for every so many rows; none where absent */
  readonly condition?: number
  program(params: Tree<Tensor>, inputs: RowInputs<Tensor>): Readonly<Record<string, Tensor>>
  readonly threads: number
}

/** Rows of numbers in, rows of numbers out, `[n, width]` each, whatever n. */
export interface RowProgram {
  /** @param conditions one for every n / conditions.length rows, one after the other */
  run(inputs: {
    readonly shared?: readonly ArrayValue[]
    readonly conditions?: readonly Float32Array[]
    readonly rows: readonly Float64Array[]
    readonly n: number
  }): Promise<Record<string, Float64Array>>
  close(): Promise<void>
}

/** Rows to a pass; the last pass is filled up with copies of its first row, for shapes are static. */
const sizes = [32, 256, 2048]

/** A program of parameters, shared tensors and rows, compiled for a few numbers of rows. */
export function rowProgram({
  params,
  shared = [],
  rows: widths,
  condition,
  program,
  threads,
}: RowProgramOptions): RowProgram {
  const held = mapTree(params, isArrayValue, value => toOrt(value, 'float32'))
  const specs = mapTree(params, isArrayValue, ({ shape }) => ({ shape }))
  const allWidths = condition === undefined ? widths : [condition, ...widths]
  const compiled = new Map<number, Promise<Compiled>>()
  const body = (params: Tree<Tensor>, shared: Tree<Tensor>, rows: Tree<Tensor>) =>
    program(params, { shared: shared as Tensor[], rows: rows as Tensor[] })
  const programOf = (size: number): Promise<Compiled> => {
    const rowSpecs = allWidths.map(width => ({ shape: [size, width] }))
    const made =
      compiled.get(size) ??
      compile(body, [specs, shared.map(shape => ({ shape: [...shape] })), rowSpecs], {
        threads,
        name: `rows of ${size}`,
      })
    compiled.set(size, made)
    return made
  }
  return {
    async run({ shared = [], conditions, rows, n }) {
      const size = sizes.find(size => n <= size) ?? sizes[sizes.length - 1]
      const step = await programOf(size)
      const results: Record<string, Float64Array> = {}
      for (let first = 0; first < n; first += size) {
        const count = Math.min(size, n - first)
        const inputs = rows.map((values, i) => filled(values, widths[i], first, count, size))
        if (conditions) inputs.unshift(conditionRows(conditions, n / conditions.length, first, count, size))
        const found = (await step.run(held, [...shared], inputs)) as Record<string, OrtTensor>
        for (const [name, tensor] of Object.entries(found)) {
          const data = tensor.data as Float32Array
          const width = data.length / size
          results[name] ??= new Float64Array(n * width)
          results[name].set(data.subarray(0, count * width), first * width)
        }
      }
      return results
    },
    async close() {
      for (const program of compiled.values()) await (await program).release()
      compiled.clear()
    },
  }
}

function filled(values: Float64Array, width: number, first: number, count: number, size: number): ArrayValue {
  const out = new Float32Array(size * width)
  out.set(values.subarray(first * width, (first + count) * width))
  for (let row = count; row < size; row++) out.copyWithin(row * width, 0, width)
  return { shape: [size, width], values: out }
}

/** @param each rows of one condition */
function conditionRows(
  conditions: readonly Float32Array[],
  each: number,
  first: number,
  count: number,
  size: number,
): ArrayValue {
  const width = conditions[0].length
  const out = new Float32Array(size * width)
  for (let row = 0; row < size; row++) {
    const at = row < count ? first + row : first
    out.set(conditions[Math.floor(at / each)], row * width)
  }
  return { shape: [size, width], values: out }
}
