import type { Denoiser, Key, OnStep, State } from '../../../core/index.js'
import { weightedSum } from '../state.js'
import { denoisedLine } from './multistep.js'
import { freshNoise, walkLevels } from './noiseLevels.js'

/**
 * SDE-DPM-Solver++(2M), Lu et al. 2022, arXiv 2211.01095, "SDE-DPM-Solver++(2M)" (data prediction, alpha = 1): the
 * reverse diffusion in lambda = -log sigma, its linear part and its noise exact, the denoised state carried on a line
 * to the middle of the step. One evaluation a step. A step without history, and a last step to 0, are ancestral ones.
 *
 * @param denoise D(x; sigma): the clean state expected behind `x`
 * @param noise   x at sigmas[0], `[batch, points, channels]`, in the unit of the data
 * @param sigmas  descending, the last one may be 0
 * @param key     step i draws from `key.split(i)`
 */
export function dpmpp2mSde(
  denoise: Denoiser,
  noise: State,
  sigmas: readonly number[],
  key: Key,
  onStep?: OnStep,
): Promise<State> {
  const lineOf = denoisedLine()
  return walkLevels({ denoise, noise, sigmas, onStep }, step => {
    const { sigma, next, x, clean } = step
    if (next === 0) return clean
    const { before, ahead } = lineOf(step)
    const ratio = (next / sigma) ** 2
    const gain = 1 - ratio
    const drift = weightedSum(ratio, x, gain * (1 + ahead), clean, -gain * ahead, before)
    return weightedSum(1, drift, next * Math.sqrt(gain), freshNoise(key, step))
  })
}
