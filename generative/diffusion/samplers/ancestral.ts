import type { Denoiser, Key, OnStep, State } from '../../../core/index.js'
import { weightedSum } from '../state.js'
import { freshNoise, walkLevels } from './noiseLevels.js'

/**
 * Ancestral sampling: draws from q(z_s | z_t, x = D), Ho et al. 2020, arXiv 2006.11239, equation 7; Kingma et al. 2021,
 * arXiv 2107.00630, equation 25. Divided by alpha, the variance-preserving posterior is the one below, so that one file
 * serves both conventions: with r = sigma_s^2 / sigma_t^2 its mean is r x + (1 - r) D, its variance sigma_s^2 (1 - r).
 * Weak first order; one evaluation a step.
 *
 * @param denoise D(x; sigma): the clean state expected behind `x`
 * @param noise   x at sigmas[0], `[batch, points, channels]`, in the unit of the data
 * @param sigmas  descending, the last one may be 0
 * @param key     step i draws from `key.split(i)`
 */
export function ancestral(
  denoise: Denoiser,
  noise: State,
  sigmas: readonly number[],
  key: Key,
  onStep?: OnStep,
): Promise<State> {
  return walkLevels({ denoise, noise, sigmas, onStep }, step => {
    const { sigma, next, x, clean } = step
    if (next === 0) return clean
    const ratio = (next / sigma) ** 2
    return weightedSum(ratio, x, 1 - ratio, clean, next * Math.sqrt(1 - ratio), freshNoise(key, step))
  })
}
