import type { Denoiser, OnStep, State } from '../../../core/index.js'
import { evaluate, weightedSum } from '../state.js'
import { walkLevels } from './noiseLevels.js'

/**
 * Heun's second-order method for the probability-flow ODE dx/dsigma = (x - D(x; sigma)) / sigma.
 * Karras et al. 2022, arXiv 2206.00364, algorithm 1. Two evaluations a step, one in a last step to 0.
 *
 * @param denoise D(x; sigma): the clean state expected behind `x`
 * @param noise   x at sigmas[0], `[batch, points, channels]`, in the unit of the data
 * @param sigmas  descending, the last one may be 0
 */
export function heun(denoise: Denoiser, noise: State, sigmas: readonly number[], onStep?: OnStep): Promise<State> {
  return walkLevels({ denoise, noise, sigmas, onStep }, async ({ sigma, next, x, clean }) => {
    const slope = slopeOf(x, clean, sigma)
    const moved = weightedSum(1, x, next - sigma, slope)
    if (next === 0) return moved
    const slopeThere = slopeOf(moved, await evaluate(denoise, moved, next), next)
    return weightedSum(1, x, (next - sigma) / 2, slope, (next - sigma) / 2, slopeThere)
  })
}

/** dx/dsigma of the flow. */
function slopeOf(x: State, clean: State, sigma: number): State {
  return weightedSum(1 / sigma, x, -1 / sigma, clean)
}
