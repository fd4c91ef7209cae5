import { weightedSum } from '../state.js'
import { type DrawingSampler, freshNoise, walkLevels } from './noiseLevels.js'

/**
 * Ancestral sampling: draws from q(z_s | z_t, x = D), Ho et al. 2020, arXiv 2006.11239, equation 7; Kingma et al. 2021,
 * arXiv 2107.00630, equation 25. Divided by alpha, the variance-preserving posterior is the one below, so that one file
 * serves both conventions: with r = sigma_s^2 / sigma_t^2 its mean is r x + (1 - r) D, its variance sigma_s^2 (1 - r).
 * Weak first order; one evaluation a step.
 */
export const ancestral: DrawingSampler = (denoise, noise, sigmas, key, onStep) => {
  return walkLevels({ denoise, noise, sigmas, onStep }, step => {
    const { sigma, next, x, clean } = step
    if (next === 0) return clean
    const ratio = (next / sigma) ** 2
    return weightedSum(ratio, x, 1 - ratio, clean, next * Math.sqrt(1 - ratio), freshNoise(key, step))
  })
}
