import type { Tensor } from '@tensorflow/tfjs'
import type { ArrayValue, Tree } from '../../core/index.js'
import { type Compiled, compile, isArrayValue, mapTree, type OrtTensor, toOrt } from '../../engine/index.js'

/** Rows of numbers in, rows of numbers out, `[n, width]` each, whatever n. */
export interface RowProgram {
  /** @param shared tensors that all rows share */
  run(shared: readonly ArrayValue[], rows: readonly Float64Array[], n: number): Promise<Record<string, Float64Array>>
  close(): Promise<void>
}

/** Rows to a pass; the last pass is filled up with copies of its first row, for shapes are static. */
const SIZES = [32, 256, 2048]

/**
 * A program of parameters, shared tensors and rows, compiled for a few numbers of rows.
 *
 * @param widths of the inputs by rows
 */
export function rowProgram(
  params: Tree<ArrayValue>,
  shared: readonly (readonly number[])[],
  widths: readonly number[],
  program: (params: Tree<Tensor>, shared: Tensor[], rows: Tensor[]) => Record<string, Tensor>,
  threads: number,
): RowProgram {
  const held = mapTree(params, isArrayValue, value => toOrt(value, 'float32'))
  const specs = mapTree(params, isArrayValue, ({ shape }) => ({ shape }))
  const compiled = new Map<number, Promise<Compiled>>()
  const programOf = (size: number): Promise<Compiled> => {
    const made =
      compiled.get(size) ??
      compile(
        program as never,
        [specs, shared.map(shape => ({ shape })), widths.map(width => ({ shape: [size, width] }))],
        {
          threads,
          name: `rows of ${size}`,
        },
      )
    compiled.set(size, made)
    return made
  }
  return {
    async run(shared, rows, n) {
      const size = SIZES.find(size => n <= size) ?? SIZES[SIZES.length - 1]
      const step = await programOf(size)
      const results: Record<string, Float64Array> = {}
      for (let first = 0; first < n; first += size) {
        const count = Math.min(size, n - first)
        const inputs = rows.map((values, i) => filled(values, widths[i], first, count, size))
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
