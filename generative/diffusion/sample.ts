import type { Tensor } from '@tensorflow/tfjs'
import {
  type ArrayValue,
  type Denoiser,
  type Key,
  normal,
  type OnStep,
  type Tree,
  UsageError,
} from '../../core/index.js'
import { type Device, makeEvaluator, toOrtTree } from '../../engine/index.js'
import { type SamplerName, samplerNames, samplers } from './samplers/samplers.js'
import { karrasSigmas } from './sigmas.js'

/**
 * D(x; sigma) as a tfjs program: the clean data expected behind x = clean + sigma noise, of the shape of `x`. `sigma`
 * is a number of shape [], `params` what was passed as `params`.
 */
export type DenoiserProgram = (x: Tensor, sigma: Tensor, params: Tree<Tensor>) => Tensor

export interface SampleOptions {
  /** of what is drawn: `[count, ...]` */
  readonly shape: readonly number[]
  readonly key: Key
  /** default `heun` */
  readonly sampler?: SamplerName
  /** default 32 */
  readonly steps?: number
  /**
   * noise levels, descending, in the unit of the data; default those of Karras et al. 2022 from 80 to 0.002 and a last
   * 0, which suit data of about unit scale
   */
  readonly sigmas?: readonly number[]
  /** parameters of the denoiser */
  readonly params?: Tree<ArrayValue>
  readonly threads?: number
  readonly device?: Device
  readonly onStep?: OnStep
}

/** Draws, flat and row-major. */
export interface Sampled {
  readonly shape: readonly number[]
  readonly values: Float32Array
}

/**
 * Draws by a denoiser of one's own, which is compiled, and any entry of `samplers`. The same key gives the same draws.
 *
 *     // data ~ N(3, 0.5^2): the best denoiser weighs x and the mean by their variances
 *     const weighed = (x: Tensor, noise: Tensor) => x.mul(0.25).add(noise.mul(3)).div(noise.add(0.25))
 *     const denoise = (x: Tensor, sigma: Tensor) => weighed(x, sigma.square())
 *     const { values } = await sample(denoise, { shape: [10_000, 1], sampler: 'heun', key: makeKey(0) })
 *
 * @throws {UsageError} for an unknown sampler and for noise levels that do not descend
 * @throws {DenoiserDiverged} where the denoiser returns a number that is not finite
 */
export async function sample(denoise: DenoiserProgram, options: SampleOptions): Promise<Sampled> {
  const { shape, key, sampler = 'heun', steps = 32, params = {}, threads, device, onStep } = options
  if (!samplerNames.includes(sampler)) {
    throw new UsageError(`expected one of the samplers ${samplerNames.join(', ')}`, `got ${sampler}`, 'choose one')
  }
  const sigmas = options.sigmas ?? karrasSigmas({ largest: 80, smallest: 0.002, steps, toZero: true })
  const size = shape.reduce((product, length) => product * length, 1)
  const evaluator = makeEvaluator(denoise, { name: 'denoiser', threads, device })
  const held = toOrtTree(params)
  // Samplers know nothing of axes: a state holds the numbers as one cloud of one channel.
  const denoiser: Denoiser = async (x, sigma) => {
    const { values } = await evaluator.run({ shape, values: x.values }, sigma, held)
    return { shape: x.shape, values: Float32Array.from(values) }
  }
  const noise = normal(key.split('noise'), size).map(value => value * sigmas[0])
  try {
    const start = { shape: [1, size, 1] as const, values: noise }
    const { values } = await samplers[sampler].run(denoiser, start, sigmas, key.split('steps'), onStep)
    return { shape, values }
  } finally {
    await evaluator.close()
  }
}
