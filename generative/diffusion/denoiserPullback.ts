import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import type { State } from '../../core/index.js'
import type { ThetaDenoiser } from './bound/thetaBound.js'
import { copied, type DenoiserRows, firstOfCopies, type RowsProgram } from './denoiserRows.js'

/** What a denoiser returns to the adjoint of its flow. */
export interface PulledBack {
  /** D */
  readonly clean: State
  /** `[batch, entries of a cloud]` the gradient of a . D + w sum over probes of v . J v in x, J = dD/dx */
  readonly byX: Float64Array
  /** `[batch, parameters]` and in theta */
  readonly byTheta: Float64Array
}

/** What is pulled back: the gradient is that of a . D + w sum over probes of v . J v. */
export interface Cotangents {
  /** a, `[batch, entries of a cloud]` */
  readonly adjoint: Float64Array
  /** the probes v, `[batch, probes, entries of a cloud]` */
  readonly vectors: Float32Array
  /** w: 1 / probes for an estimate of the trace, 1 where the probes are all axes */
  readonly weight: number
}

export type DenoiserPullback = (x: State, sigma: number, cotangents: Cotangents) => Promise<PulledBack>

/** Step of a difference along a probe, to either side, in sigma: that of `tracedByDifferences`. */
const probeStep = 0.02

/** Rows that a cloud needs: itself, and a pair along each probe. */
export function pullbackCopies(probes: number): number {
  return 1 + 2 * probes
}

/** D at rows, and the gradients of v . D in x and theta. */
export function pullbackProgram(denoiser: ThetaDenoiser): RowsProgram {
  return (params, { x, sigma, theta, v }, given) => {
    let clean = x
    const [byX, byTheta] = tf.grads((at: Tensor, where: Tensor) => {
      clean = tf.keep(denoiser(params, at, sigma, where, given))
      return tf.sum(tf.mul(clean, v))
    })([x, theta])
    return { clean, byX, byTheta }
  }
}

/**
 * The pullback by that program, compiled for `pullbackCopies(probes)` rows a cloud. Gradients of v . J v, second
 * derivatives, are differences along v of first ones, with a relative error near 1e-3: the layers of the networks have
 * first derivatives alone.
 */
export function denoiserPullback(rows: DenoiserRows, theta: ArrayLike<number>, probes: number): DenoiserPullback {
  const copies = pullbackCopies(probes)
  return async (x, sigma, { adjoint, vectors, weight }) => {
    const [batch] = x.shape
    const each = x.values.length / batch
    const h = probeStep * sigma
    const at = Float32Array.from(copied(x, copies).values)
    const v = new Float32Array(at.length)
    for (let cloud = 0; cloud < batch; cloud++) {
      v.set(adjoint.subarray(cloud * each, (cloud + 1) * each), cloud * copies * each)
      for (let row = 1; row < copies; row++) {
        const probe = cloud * probes + Math.floor((row - 1) / 2)
        const from = (cloud * copies + row) * each
        v.set(vectors.subarray(probe * each, (probe + 1) * each), from)
        for (let i = from; i < from + each; i++) at[i] += side(row) * h * v[i]
      }
    }
    const { clean, byX, byTheta } = await rows.run({ x, sigma, theta, v, at })
    /** The row of the cloud itself plus the differences of the pairs. */
    const joined = (values: Float32Array): Float64Array => {
      const width = values.length / batch / copies
      const sums = new Float64Array(batch * width)
      for (let i = 0; i < values.length; i++) {
        const row = Math.floor(i / width)
        const share = row % copies === 0 ? 1 : (side(row % copies) * weight) / (2 * h)
        sums[Math.floor(row / copies) * width + (i % width)] += share * values[i]
      }
      return sums
    }
    return {
      clean: { shape: x.shape, values: firstOfCopies(clean, batch, copies) },
      byX: joined(byX),
      byTheta: joined(byTheta),
    }
  }
}

/** Rows 1, 2, 3 … of a cloud stand above and below it in turn. */
function side(row: number): 1 | -1 {
  return row % 2 === 1 ? 1 : -1
}
