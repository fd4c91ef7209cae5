import { type Denoiser, type Key, normal, type OnStep, type State } from '../../../core/index.js'
import { checkSigmas } from '../sigmas.js'
import { evaluate, stateOf } from '../state.js'

/** One step of a sampler: from the noise level `sigma` to the level `next`, which may be 0 in the last one. */
export interface LevelStep {
  readonly index: number
  readonly sigma: number
  readonly next: number
  /** at `sigma` */
  readonly x: State
  /** D(x; sigma) */
  readonly clean: State
}

/**
 * A sampler of fixed steps that draws fresh noise at each of them.
 *
 * @param denoise D(x; sigma): the clean state expected behind `x`
 * @param noise   x at sigmas[0], `[batch, points, channels]`, in the unit of the data
 * @param sigmas  descending, the last one may be 0
 * @param key     step i draws from `key.split(i)`
 */
export type DrawingSampler = (
  denoise: Denoiser,
  noise: State,
  sigmas: readonly number[],
  key: Key,
  onStep?: OnStep,
) => Promise<State>

export interface LevelWalk {
  readonly denoise: Denoiser
  /** x at sigmas[0] */
  readonly noise: State
  readonly sigmas: readonly number[]
  readonly onStep?: OnStep
}

/**
 * What the samplers of fixed steps share: down a list of noise levels, the denoised state asked for at each of them.
 *
 * @param step the state at the next level
 */
export async function walkLevels(
  { denoise, noise, sigmas, onStep }: LevelWalk,
  step: (at: LevelStep) => State | Promise<State>,
): Promise<State> {
  checkSigmas(sigmas)
  let x = noise
  for (let index = 0; index < sigmas.length - 1; index++) {
    const [sigma, next] = [sigmas[index], sigmas[index + 1]]
    const clean = await evaluate(denoise, x, sigma)
    x = await step({ index, sigma, next, x, clean })
    onStep?.({ index, sigma: next, x })
  }
  return x
}

/** Standard normal noise of a step, from its own key. */
export function freshNoise(key: Key, { index, x }: LevelStep): State {
  return stateOf(x.shape, normal(key.split(index), x.values.length))
}
