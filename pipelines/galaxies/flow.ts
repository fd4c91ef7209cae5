import { availableParallelism } from 'node:os'
import { type Box, type Key, type State, workerPool } from '../../core/index.js'
import { type SamplerName, samplers } from '../../generative/diffusion/samplers/samplers.js'
import { type Coupling, flowEuler, flowHeun, type Velocity } from '../../generative/matching/index.js'
import type { MomentsPool, PairBasis, PoolOptions } from '../../gnn/pairs/index.js'
import type { GalaxiesConfig } from './config.js'
import type { FlowMomentsTask } from './flowMomentsWorker.js'
import { noiseRange } from './network.js'

/**
 * Flow matching in the terms of noise levels (`pathNoise`): sigma = (1 - t) * scale, so that pair score, network and
 * validation serve both objectives. What is added is a way to a uniform point, not normal noise.
 */
export interface FlowOptions {
  readonly coupling: Coupling
  /** Mpc/h: the level at t = 0, where points are uniform */
  readonly scale: number
}

/** The flow of a configuration; none where it diffuses. */
export function flowOf(config: GalaxiesConfig, box: number): FlowOptions | undefined {
  if (config.objective !== 'flow-matching') return undefined
  return { coupling: config.flow.matching, scale: noiseRange(config, box).sigmaMax }
}

/** Second moments of pair features and path noise, a cloud a task. */
export function makeFlowMomentsPool(
  basis: PairBasis,
  draws: number,
  flow: FlowOptions & { readonly box: Box },
  options: PoolOptions = {},
): MomentsPool {
  const threads = options.threads ?? availableParallelism()
  const pool = workerPool<FlowMomentsTask, Awaited<ReturnType<MomentsPool['momentsOf']>>>(
    import.meta.url,
    'flowMomentsWorker',
    threads,
  )
  return {
    threads,
    momentsOf: (positions, sigmas, key: Key) =>
      pool.run({ basis, draws, sigmas, positions, key: key.words, ...flow }, options.signal),
    close: () => pool.close(),
  }
}

/**
 * From uniform points along t. Samplers of two evaluations a step go by Heun, the others by Euler: a velocity has no
 * noise to add, so the stochastic ones are their deterministic kin. Returns the state, not wrapped, and how often the
 * model was asked.
 *
 * @param predict the noise expected, `[points, 3]` in units of sigma
 */
export async function drawFlow(
  predict: (lifted: Float32Array, sigma: number) => Promise<Float32Array>,
  start: State,
  { scale }: FlowOptions,
  { sampler, evaluations }: { readonly sampler: SamplerName; readonly evaluations: number },
): Promise<{ readonly state: State; readonly evaluations: number }> {
  let asked = 0
  const velocity: Velocity = async (x, t) => {
    asked++
    const noise = await predict(x.values, (1 - t) * scale)
    return { shape: x.shape, values: noise.map(e => -scale * e) }
  }
  const twice = samplers[sampler].evaluationsPerStep > 1
  const steps = twice ? Math.max(1, Math.floor((evaluations + 1) / 2)) : evaluations
  const state = await (twice ? flowHeun : flowEuler)(velocity, start, steps)
  return { state, evaluations: asked }
}
