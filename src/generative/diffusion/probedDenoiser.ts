import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import { type ArrayValue, type Denoiser, type State, type Tree, UsageError } from '../../core/index.js'
import { compile, type Device, isArrayValue, mapTree, type OrtTensor, toOrt } from '../../engine/index.js'
import type { ThetaDenoiser } from './bound/thetaBound.js'
import type { DenoiserTrace } from './likelihood.js'
import { evaluate } from './state.js'

/**
 * D(x; sigma) and what its Jacobian J = dD/dx makes of probes: v . J v of each, `[batch, probes]`.
 *
 * @param vectors `[batch, probes, entries of a cloud]`
 */
export type ProbedDenoiser = (
  x: State,
  sigma: number,
  vectors: Float32Array,
) => Promise<{ clean: State; quadratic: Float64Array }>

export interface CompiledProbes {
  /** The denoiser at a theta for all clouds, `[parameters]`, or at one for each, `[batch, parameters]`. */
  at(theta: ArrayLike<number>): ProbedDenoiser
  readonly shape: State['shape']
  readonly probes: number
  readonly parameters: number
  release(): Promise<void>
}

export interface ProbeOptions {
  readonly threads?: number
  readonly device?: Device
  /** other inputs of the network, leaves `[batch, ...]`; J does not see how they depend on x, so they must not but in jumps (neighbours) */
  readonly given?: (x: State, sigma: number) => Record<string, ArrayValue>
}

/**
 * Vector-Jacobian products through the compiled graph: one call a level for all probes, each a copy of its cloud.
 *
 * @param shape  of the batch that will be asked about
 * @param probes of every cloud
 */
export async function compileProbes(
  denoiser: ThetaDenoiser,
  params: Tree<ArrayValue>,
  parameters: number,
  shape: State['shape'],
  probes: number,
  { threads, device, given }: ProbeOptions = {},
): Promise<CompiledProbes> {
  const [batch, points, channels] = shape
  const rows = batch * probes
  const each = points * channels
  const others = given?.({ shape, values: new Float32Array(batch * each) }, 1) ?? {}
  const specs = (tree: Tree<ArrayValue>, copies: number) =>
    mapTree(tree, isArrayValue, value => ({
      shape: [value.shape[0] * copies, ...value.shape.slice(1)],
      dtype: value.values instanceof Int32Array ? ('int32' as const) : ('float32' as const),
    }))
  const cloud = { shape: [rows, points, channels] }
  const program = (p: Tree<Tensor>, at: { x: Tensor; sigma: Tensor; theta: Tensor; v: Tensor }, more: Tree<Tensor>) => {
    let clean = at.x
    const product = tf.grad((x: Tensor) => {
      clean = tf.keep(denoiser(p, x, at.sigma, at.theta, more))
      return tf.sum(tf.mul(clean, at.v))
    })(at.x)
    return { clean, quadratic: tf.sum(tf.mul(product, at.v), [1, 2]) }
  }
  const compiled = await compile(
    program,
    [
      mapTree(params, isArrayValue, value => ({ shape: [...value.shape] })),
      { x: cloud, sigma: { shape: [rows] }, theta: { shape: [rows, parameters] }, v: cloud },
      specs(others, probes),
    ],
    { threads, device, name: 'denoiser and vector-Jacobian products' },
  )
  const bound = mapTree(params, isArrayValue, value => toOrt(value, 'float32'))
  const probedAt = (theta: ArrayLike<number>): ProbedDenoiser => {
    if (theta.length !== parameters && theta.length !== batch * parameters) {
      throw new UsageError(
        `expected ${parameters} parameters, or as many for each of ${batch} clouds`,
        `got ${theta.length}`,
        'pass [parameters] or [batch, parameters]',
      )
    }
    const thetas = {
      shape: [rows, parameters],
      values: Float32Array.from({ length: rows * parameters }, (_, i) => {
        const cloud = theta.length === parameters ? 0 : Math.floor(i / parameters / probes)
        return theta[cloud * parameters + (i % parameters)]
      }),
    }
    return async (x, sigma, vectors) => {
      const more = given?.(x, sigma) ?? {}
      const out = (await compiled.run(
        bound,
        {
          x: copied({ shape: x.shape, values: x.values }, probes),
          sigma: { shape: [rows], values: new Float32Array(rows).fill(sigma) },
          theta: thetas,
          v: { shape: [rows, points, channels], values: vectors },
        },
        Object.fromEntries(Object.entries(more).map(([name, value]) => [name, copied(value, probes)])),
      )) as { clean: OrtTensor; quadratic: OrtTensor }
      const found = out.clean.data as Float32Array
      const values = new Float32Array(batch * each)
      for (let b = 0; b < batch; b++) values.set(found.subarray(b * probes * each, (b * probes + 1) * each), b * each)
      return { clean: { shape: x.shape, values }, quadratic: Float64Array.from(out.quadratic.data as Float32Array) }
    }
  }
  return {
    at: probedAt,
    shape,
    probes,
    parameters,
    release: () => compiled.release(),
  }
}

/** For a denoiser that is no program: J v by central differences, a pair of evaluations a probe; a relative error near 1e-3. */
export function probedByDifferences(denoise: Denoiser, probes: number, step = 0.02): ProbedDenoiser {
  return async (x, sigma, vectors) => {
    const batch = x.shape[0]
    const each = x.values.length / batch
    const clean = await evaluate(denoise, x, sigma)
    const quadratic = new Float64Array(batch * probes)
    for (let probe = 0; probe < probes; probe++) {
      const along = (i: number) => vectors[(Math.floor(i / each) * probes + probe) * each + (i % each)]
      const [above, below] = await Promise.all(
        [step * sigma, -step * sigma].map(h =>
          evaluate(denoise, { shape: x.shape, values: x.values.map((value, i) => value + h * along(i)) }, sigma),
        ),
      )
      for (let i = 0; i < x.values.length; i++) {
        quadratic[Math.floor(i / each) * probes + probe] +=
          (along(i) * (above.values[i] - below.values[i])) / (2 * step * sigma)
      }
    }
    return { clean, quadratic }
  }
}

/** tr dD/dx exactly, a probe for each entry of a cloud: for few entries. `probed` must be compiled for as many probes. */
export function exactTrace(probed: ProbedDenoiser): DenoiserTrace {
  return async (x, sigma) => {
    const batch = x.shape[0]
    const each = x.values.length / batch
    const axes = Float32Array.from({ length: batch * each * each }, (_, i) =>
      Math.floor(i / each) % each === i % each ? 1 : 0,
    )
    const { quadratic } = await probed(x, sigma, axes)
    return Float64Array.from({ length: batch }, (_, b) =>
      quadratic.subarray(b * each, (b + 1) * each).reduce((sum, v) => sum + v, 0),
    )
  }
}

/** Each row of a leaf `[batch, ...]` repeated for its probes. */
function copied({ shape, values }: ArrayValue, copies: number): ArrayValue {
  const each = values.length / shape[0]
  const size = values.length * copies
  const out = values instanceof Int32Array ? new Int32Array(size) : new Float32Array(size)
  for (let row = 0; row < shape[0] * copies; row++) {
    const from = Math.floor(row / copies) * each
    out.set(values.subarray(from, from + each), row * each)
  }
  return { shape: [shape[0] * copies, ...shape.slice(1)], values: out }
}
