import type { Tensor } from '@tensorflow/tfjs'
import { type ArrayValue, type State, type Tree, UsageError } from '../../core/index.js'
import { type Device, makeEvaluator, toOrtTree } from '../../engine/index.js'

/** A program over rows, each with its own state, level, theta and direction v. */
export type RowsProgram = (
  params: Tree<Tensor>,
  rows: Readonly<Record<'x' | 'sigma' | 'theta' | 'v', Tensor>>,
  given: Tree<Tensor>,
) => Readonly<Record<string, Tensor>>

export interface RowsOptions {
  readonly threads?: number
  readonly device?: Device
  /**
   * other inputs of the network, leaves `[batch, ...]`; no derivative is taken through them, so they may depend on x in
   * jumps alone (neighbours)
   */
  readonly given?: (x: State, sigma: number) => Record<string, ArrayValue>
}

/** What a program is run on: the clouds that the rows are copies of, and what differs from copy to copy. */
export interface RowsQuestion {
  /** the clouds, `[batch, points, channels]` */
  readonly x: State
  readonly sigma: number
  /** `[parameters]`, or `[batch, parameters]` */
  readonly theta: ArrayLike<number>
  /** `[batch, copies, entries of a cloud]`: v of each row */
  readonly v: Float32Array
  /** `[batch, copies, entries of a cloud]`: the states of the rows, where they are not their clouds */
  readonly at?: Float32Array
}

export interface DenoiserRows {
  run(question: RowsQuestion): Promise<Readonly<Record<string, Float32Array>>>
  release(): Promise<void>
}

export interface RowSizes {
  readonly parameters: number
  /** `[batch, points, channels]` of the clouds that it will be called with */
  readonly shape: State['shape']
  /** rows of each cloud */
  readonly copies: number
  /** of the program, for messages */
  readonly name: string
}

/** Compiles a program over several rows a cloud. */
export async function compileRows(
  program: RowsProgram,
  params: Tree<ArrayValue>,
  { parameters, shape, copies, name }: RowSizes,
  { threads, device, given }: RowsOptions = {},
): Promise<DenoiserRows> {
  const [batch, points, channels] = shape
  const rows = batch * copies
  const cloud = { shape: [rows, points, channels] }
  const evaluator = makeEvaluator(program, { threads, device, name })
  const held = toOrtTree(params)
  return {
    async run({ x, sigma, theta, v, at }) {
      expectThetas(theta, parameters, batch)
      const thetas = Float32Array.from({ length: batch * parameters }, (_, i) => theta[i % theta.length])
      const more = Object.entries(given?.(x, sigma) ?? {}).map(([name, value]) => [name, copied(value, copies)])
      const outputs = await evaluator.run(
        held,
        {
          x: at ? { shape: cloud.shape, values: at } : copied(x, copies),
          sigma: { shape: [rows], values: new Float32Array(rows).fill(sigma) },
          theta: copied({ shape: [batch, parameters], values: thetas }, copies),
          v: { shape: cloud.shape, values: v },
        },
        Object.fromEntries(more),
      )
      return Object.fromEntries(Object.entries(outputs).map(([name, { values }]) => [name, values as Float32Array]))
    },
    release: () => evaluator.close(),
  }
}

function expectThetas(theta: ArrayLike<number>, parameters: number, batch: number): void {
  if (theta.length === parameters || theta.length === batch * parameters) return
  throw new UsageError(
    `expected ${parameters} parameters, or as many for each of ${batch} clouds`,
    `got ${theta.length}`,
    'pass [parameters] or [batch, parameters]',
  )
}

/** Each row of a leaf `[batch, ...]` repeated for its copies, which stand together. */
export function copied({ shape, values }: ArrayValue, copies: number): ArrayValue {
  const each = values.length / shape[0]
  const size = values.length * copies
  const out = values instanceof Int32Array ? new Int32Array(size) : new Float32Array(size)
  for (let row = 0; row < shape[0] * copies; row++) {
    const from = Math.floor(row / copies) * each
    out.set(values.subarray(from, from + each), row * each)
  }
  return { shape: [shape[0] * copies, ...shape.slice(1)], values: out }
}

/** `[batch, width]`: the first row of each cloud. */
export function firstOfCopies(values: Float32Array, batch: number, copies: number): Float32Array {
  const width = values.length / batch / copies
  const out = new Float32Array(batch * width)
  for (let cloud = 0; cloud < batch; cloud++) {
    out.set(values.subarray(cloud * copies * width, (cloud * copies + 1) * width), cloud * width)
  }
  return out
}
