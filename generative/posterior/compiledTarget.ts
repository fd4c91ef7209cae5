import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import { type ArrayValue, promiseCache, type Tree } from '../../core/index.js'
import { compileOnWorkers, isArrayValue, mapTree, specOf, type WorkersProgram } from '../../engine/index.js'
import type { DensityAndGradient, Target } from './target.js'

export interface CompiledTargetOptions {
  /** worker threads; default 1 */
  readonly threads?: number
  /** points a call of the compiled step, which others are padded to; default 16 */
  readonly rows?: number
}

/** A target behind a compiled step; close it when all is drawn. */
export interface CompiledTarget extends Target {
  withGradient(rows: Float64Array): Promise<DensityAndGradient>
  close(): Promise<void>
}

/**
 * A target from a tfjs program of many points at once: traced, differentiated and compiled, so that one step serves all
 * chains; rows beyond one step's are spread over worker threads. Draws do not depend on how many threads there are.
 * Single precision: of a million nats a tenth is lost.
 *
 *     const target = await compiledTarget(dim, (w, { x, y }) => logPosterior(w, x, y), { x, y }, { threads: 2 })
 *     const chains = await sampleNuts(target, { key: makeKey(0) })
 *     await target.close()
 *
 * @param program log-densities `[n]`, nats, of points `[n, dim]`; pure
 * @param given   data that the program reads; each thread is sent them once
 */
export async function compiledTarget<Given extends Tree<ArrayValue>>(
  dim: number,
  program: (points: Tensor, given: Tree<Tensor>) => Tensor,
  given: Given,
  { threads = 1, rows = 16 }: CompiledTargetOptions = {},
): Promise<CompiledTarget> {
  const specs = [{ shape: [rows, dim] }, mapTree(given, isArrayValue, specOf)]
  const plain = await compileOnWorkers(
    (points: Tensor, data: Tree<Tensor>) => ({ logDensity: program(points, data) }),
    specs,
    { workers: threads, kept: [given], name: 'log-density' },
  )
  const gradedProgram = (points: Tensor, data: Tree<Tensor>) => {
    let logDensity: Tensor = points
    // Points know nothing of one another: the gradient of the sum holds that of each.
    const gradient = tf.grad((at: Tensor) => {
      logDensity = tf.keep(program(at, data))
      return tf.sum(logDensity)
    })(points)
    return { logDensity, gradient }
  }
  // Compiled when it is first needed: not every sampler wants a gradient.
  const graded = promiseCache<'graded', WorkersProgram>()
  const withGradient = () =>
    graded.get('graded', () =>
      compileOnWorkers(gradedProgram, specs, { workers: threads, kept: [given], name: 'log-density and gradient' }),
    )

  async function ask(step: WorkersProgram, points: Float64Array): Promise<Record<string, Float64Array>> {
    const n = points.length / dim
    const starts = Array.from({ length: Math.ceil(n / rows) }, (_, call) => call * rows)
    const found = await step.run(starts.map(first => [padded(points, first)]))
    const out: Record<string, Float64Array> = {}
    for (const [call, results] of (found as Record<string, ArrayValue>[]).entries()) {
      for (const [name, { values }] of Object.entries(results)) {
        const width = values.length / rows
        out[name] ??= new Float64Array(n * width)
        out[name].set(values.subarray(0, Math.min(rows, n - starts[call]) * width), starts[call] * width)
      }
    }
    return out
  }

  /** The rows from `first`, filled up with copies of that one. */
  function padded(points: Float64Array, first: number): ArrayValue {
    const n = points.length / dim
    const values = new Float32Array(rows * dim)
    for (let row = 0; row < rows; row++) {
      const from = (first + row < n ? first + row : first) * dim
      values.set(points.subarray(from, from + dim), row * dim)
    }
    return { shape: [rows, dim], values }
  }

  return {
    dim,
    logDensity: async points => (await ask(plain, points)).logDensity,
    async withGradient(points) {
      const { logDensity, gradient } = await ask(await withGradient(), points)
      return { logDensity, gradient }
    },
    async close() {
      await plain.close()
      await graded.clear(program => program.close())
    },
  }
}
