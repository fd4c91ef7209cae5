import { weightedSum } from '../state.js'
import { denoisedLine } from './multistep.js'
import { type DrawingSampler, freshNoise, walkLevels } from './noiseLevels.js'

/**
 * SDE-DPM-Solver++(2M), Lu et al. 2022, arXiv 2211.01095, "SDE-DPM-Solver++(2M)" (data prediction, alpha = 1): the
 * reverse diffusion in lambda = -log sigma, its linear part and its noise exact, the denoised state carried on a line
 * to the middle of the step. One evaluation a step. A step without history, and a last step to 0, are ancestral ones.
 */
export const dpmpp2mSde: DrawingSampler = (denoise, noise, sigmas, key, onStep) => {
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
