import type { Denoiser, OnStep, State } from '../../../core/index.js'
import { weightedSum } from '../state.js'
import { walkLevels } from './noiseLevels.js'

/**
 * DDIM, Song et al. 2020, arXiv 2010.02502, equation 12 with eta = 0: keep the noise the network sees, change its size.
 * In the variance-exploding convention that is the Euler step of dx/dsigma = (x - D) / sigma (Karras et al. 2022,
 * algorithm 1 without its correction) and the first-order step of DPM-Solver. First order; one evaluation a step.
 *
 * @param denoise D(x; sigma): the clean state expected behind `x`
 * @param noise   x at sigmas[0], `[batch, points, channels]`, in the unit of the data
 * @param sigmas  descending, the last one may be 0
 */
export function ddim(denoise: Denoiser, noise: State, sigmas: readonly number[], onStep?: OnStep): Promise<State> {
  return walkLevels({ denoise, noise, sigmas, onStep }, ({ sigma, next, x, clean }) => {
    const kept = next / sigma
    return weightedSum(1 - kept, clean, kept, x)
  })
}
