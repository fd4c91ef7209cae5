import { type Denoiser, type Key, normal, type OnStep, type State } from '../../../core/index.js'
import { checkSigmas } from '../sigmas.js'
import { evaluate, stateOf, weightedSum } from '../state.js'

/**
 * Heun's method for the reverse diffusion itself, dx = score dt + dW in the time t = sigma_max^2 - sigma^2 (Song et al. 2021,
 * arXiv 2011.13456, equation 6): the score averaged over both ends of the step, the noise that of the whole step,
 * sigma^2 - next^2. For additive noise this is of weak order 2 (Kloeden and Platen 1992, section 15.1). Two evaluations a step,
 * one in a last step to 0.
 *
 * Ancestral steps assume that D is nearly certain. Where each point by itself stays nearly free (a halo field: of the noise a few percent
 * can be told) theirs is too little noise; this one's is right, and it draws the small scales that they overdo.
 *
 * @param denoise D(x; sigma): the clean state expected behind `x`
 * @param noise   x at sigmas[0], `[batch, points, channels]`, in the unit of the data
 * @param sigmas  descending, the last one may be 0
 * @param key     step i draws from `key.split(i)`
 */
export async function heunSde(
  denoise: Denoiser,
  noise: State,
  sigmas: readonly number[],
  key: Key,
  onStep?: OnStep,
): Promise<State> {
  checkSigmas(sigmas)
  let x = noise
  for (let index = 0; index < sigmas.length - 1; index++) {
    const sigma = sigmas[index]
    const next = sigmas[index + 1]
    const clean = await evaluate(denoise, x, sigma)
    if (next === 0) {
      x = clean
    } else {
      const span = sigma ** 2 - next ** 2
      const fresh = stateOf(x.shape, normal(key.split(index), x.values.length))
      const score = weightedSum(1 / sigma ** 2, clean, -1 / sigma ** 2, x)
      const moved = weightedSum(1, x, span, score, Math.sqrt(span), fresh)
      const cleanThere = await evaluate(denoise, moved, next)
      const scoreThere = weightedSum(1 / next ** 2, cleanThere, -1 / next ** 2, moved)
      x = weightedSum(1, moved, span / 2, scoreThere, -span / 2, score)
    }
    onStep?.({ index, sigma: next, x })
  }
  return x
}
