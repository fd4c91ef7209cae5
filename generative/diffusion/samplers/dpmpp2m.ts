import type { Denoiser, OnStep, State } from '../../../core/index.js'
import { checkSigmas } from '../sigmas.js'
import { evaluate, weightedSum } from '../state.js'

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
export async function dpmpp2m(
  denoise: Denoiser,
  noise: State,
  sigmas: readonly number[],
  onStep?: OnStep,
): Promise<State> {
  checkSigmas(sigmas)
  let x = noise
  let before: { clean: State; h: number } | undefined
  for (let index = 0; index < sigmas.length - 1; index++) {
    const sigma = sigmas[index]
    const next = sigmas[index + 1]
    const clean = await evaluate(denoise, x, sigma)
    const kept = next / sigma
    if (next === 0) {
      x = clean
    } else {
      const h = Math.log(sigma / next)
      const ahead = before === undefined ? 0 : h / (2 * before.h)
      const gain = 1 - kept
      x = weightedSum(kept, x, gain * (1 + ahead), clean, -gain * ahead, before?.clean ?? clean)
      before = { clean, h }
    }
    onStep?.({ index, sigma: next, x })
  }
  return x
}
