import type { Denoiser, OnStep, State } from '../../../core/index.js'
import { weightedSum } from '../state.js'
import { denoisedLine } from './multistep.js'
import { walkLevels } from './noiseLevels.js'

/**
 * DPM-Solver++(2M), Lu et al. 2022, arXiv 2211.01095, algorithm 2 (data prediction, alpha = 1 in this convention). With
 * lambda = -log sigma and h the step in it: x' = (sigma'/sigma) x + (1 - e^-h) E, where E continues the line through
 * the last two denoised states to the middle of the step. Second order for one evaluation a step; the first step, and
 * the last one where it goes to 0, are of first order.
 *
 * @param denoise D(x; sigma): the clean state expected behind `x`
 * @param noise   x at sigmas[0], `[batch, points, channels]`, in the unit of the data
 * @param sigmas  descending, the last one may be 0
 */
export function dpmpp2m(denoise: Denoiser, noise: State, sigmas: readonly number[], onStep?: OnStep): Promise<State> {
  const lineOf = denoisedLine()
  return walkLevels({ denoise, noise, sigmas, onStep }, step => {
    const { sigma, next, x, clean } = step
    if (next === 0) return clean
    const { before, ahead } = lineOf(step)
    const kept = next / sigma
    const gain = 1 - kept
    return weightedSum(kept, x, gain * (1 + ahead), clean, -gain * ahead, before)
  })
}
