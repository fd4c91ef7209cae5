import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import type { ArrayValue, Denoiser, State, Tree } from '../../core/index.js'
import type { ThetaDenoiser } from './bound/thetaBound.js'
import { type DenoiserPullback, denoiserPullback, pullbackCopies, pullbackProgram } from './denoiserPullback.js'
import { compileRows, type DenoiserRows, firstOfCopies, type RowsOptions, type RowsProgram } from './denoiserRows.js'
import type { DenoiserTrace, TracedDenoiser } from './likelihood.js'
import { evaluate } from './state.js'

/**
 * D(x; sigma), and v . J v of each probe v with its Jacobian J = dD/dx, `[batch, probes]`.
 *
 * @param vectors `[batch, probes, entries of a cloud]`
 */
export type ProbedDenoiser = (
  x: State,
  sigma: number,
  vectors: Float32Array,
) => Promise<{ clean: State; quadratic: Float64Array }>

export interface ProbeSizes {
  readonly parameters: number
  /** of the batch that it will be called with */
  readonly shape: State['shape']
  /** of every cloud */
  readonly probes: number
}

export interface CompiledProbes extends ProbeSizes {
  /** The denoiser at a theta for all clouds, `[parameters]`, or at one for each, `[batch, parameters]`. */
  at(theta: ArrayLike<number>): ProbedDenoiser
  /** The same for the gradient of these forms; compiled at the first call. */
  pullBackAt(theta: ArrayLike<number>): Promise<DenoiserPullback>
  release(): Promise<void>
}

/** Vector-Jacobian products through the compiled graph: one call a level for all probes, each a copy of its cloud. */
export async function compileProbes(
  denoiser: ThetaDenoiser,
  params: Tree<ArrayValue>,
  { parameters, shape, probes }: ProbeSizes,
  options: RowsOptions = {},
): Promise<CompiledProbes> {
  const program: RowsProgram = (p, { x, sigma, theta, v }, given) => {
    let clean = x
    const product = tf.grad((at: Tensor) => {
      clean = tf.keep(denoiser(p, at, sigma, theta, given))
      return tf.sum(tf.mul(clean, v))
    })(x)
    return { clean, quadratic: tf.sum(tf.mul(product, v), [1, 2]) }
  }
  const build = (rows: RowsProgram, copies: number, name: string) =>
    compileRows(rows, params, { parameters, shape, copies, name }, options)
  const probed = await build(program, probes, 'denoiser and vector-Jacobian products')
  let pullback: Promise<DenoiserRows> | undefined
  return {
    at: theta => async (x, sigma, vectors) => {
      const { clean, quadratic } = await probed.run({ x, sigma, theta, v: vectors })
      return {
        clean: { shape: x.shape, values: firstOfCopies(clean, shape[0], probes) },
        quadratic: Float64Array.from(quadratic),
      }
    },
    pullBackAt: async theta => {
      pullback ??= build(pullbackProgram(denoiser), pullbackCopies(probes), 'denoiser and its pullback')
      return denoiserPullback(await pullback, theta, probes)
    },
    shape,
    probes,
    parameters,
    async release() {
      await probed.release()
      if (pullback) await (await pullback).release()
    },
  }
}

/**
 * For a denoiser that is no program: J v by central differences, a pair of evaluations a probe; a relative error near
 * 1e-3.
 */
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

/**
 * tr dD/dx exactly, a probe for each entry of a cloud: for few entries. `probed` must be compiled for as many probes.
 */
export function exactTrace(probed: ProbedDenoiser): DenoiserTrace {
  return async (x, sigma) => (await exactlyTraced(probed, axesOf(x.shape))(x, sigma)).traces
}

/** D and its exact trace by the same call. @param axes `axesOf` the states */
export function exactlyTraced(probed: ProbedDenoiser, axes: Float32Array): TracedDenoiser {
  return async (x, sigma) => {
    const { clean, quadratic } = await probed(x, sigma, axes)
    const batch = x.shape[0]
    const each = quadratic.length / batch
    const traces = Float64Array.from({ length: batch }, (_, b) =>
      quadratic.subarray(b * each, (b + 1) * each).reduce((sum, v) => sum + v, 0),
    )
    return { clean, traces }
  }
}

/** Every axis of each cloud as a probe, `[batch, entries, entries]`. */
export function axesOf([batch, points, channels]: State['shape']): Float32Array {
  const each = points * channels
  return Float32Array.from({ length: batch * each * each }, (_, i) =>
    Math.floor(i / each) % each === i % each ? 1 : 0,
  )
}
