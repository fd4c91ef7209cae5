import type { Tensor, Tensor2D } from '@tensorflow/tfjs'
import { UsageError } from '../../core/index.js'
import type { LogDensity } from './chains.js'
import type { CompiledTargetOptions } from './compiledTarget.js'
import { type LogDensityWithGradient, pointwiseTarget, type Target } from './target.js'

/** A log-density of many points as a tfjs program: `[n]` nats of `[n, dim]`, up to a constant; pure. */
export type TensorDensity = (points: Tensor2D) => Tensor

/** A log-density of one point in plain numbers. */
export interface PointDensity {
  readonly point: LogDensity
  /** the same, with the gradient written to its second argument; needed by `sampleNuts`, `sampleHmc`, `fitGaussian` */
  readonly pointWithGradient?: LogDensityWithGradient
}

/** What samplers draw from: a target, or a plain log-density that `asTarget` makes one of. */
export type Density = Target | TensorDensity | PointDensity

/** A target that may hold worker threads until it is closed. */
export interface OpenTarget extends Target {
  close(): Promise<void>
}

/**
 * A target from whatever describes the density. A tfjs program is traced, differentiated and compiled
 * (`compiledTarget`); what does not need that is wrapped.
 *
 *     const target = await asTarget(z => tf.sum(tf.square(z), 1).mul(-0.5), 2)
 *     await target.logDensity(Float64Array.of(0, 1, 2, 0))   // [-0.5, -2]
 *     await target.close()
 *
 * @param dim coordinates of a point; a `Target` has its own
 * @throws UsageError without `dim` where it is needed
 */
export async function asTarget(
  density: Density,
  dim?: number,
  options: CompiledTargetOptions = {},
): Promise<OpenTarget> {
  if (typeof density === 'object' && 'dim' in density) {
    if (dim !== undefined && dim !== density.dim) {
      throw new UsageError(`expected a target of ${dim} coordinates`, `got one of ${density.dim}`, 'omit `dim`')
    }
    const { withGradient } = density
    return {
      dim: density.dim,
      logDensity: rows => density.logDensity(rows),
      ...(withGradient && { withGradient: withGradient.bind(density) }),
      // Whoever made the target closes it.
      close: async () => undefined,
    }
  }
  if (dim === undefined || !(Number.isInteger(dim) && dim > 0)) {
    throw new UsageError('expected the number of coordinates of a plain log-density', `got ${dim}`, 'give `dim`')
  }
  if (typeof density === 'object') {
    return { ...pointwiseTarget(dim, density.point, density.pointWithGradient), close: async () => undefined }
  }
  // Loaded here, so that samplers of plain numbers do without tfjs.
  const { compiledTarget } = await import('./compiledTarget.js')
  return compiledTarget(dim, points => density(points as Tensor2D), {}, options)
}
