import { type Denoiser, type Key, normal, type OnStep, type State } from '../../../core/index.js'
import { checkSigmas } from '../sigmas.js'
import { evaluate, stateOf, weightedSum } from '../state.js'

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
export async function dpmpp2mSde(
  denoise: Denoiser,
  noise: State,
  sigmas: readonly number[],
  key: Key,
  onStep?: OnStep,
): Promise<State> {
  checkSigmas(sigmas)
  let x = noise
  let before: { clean: State; h: number } | undefined
  for (let index = 0; index < sigmas.length - 1; index++) {
    const sigma = sigmas[index]
    const next = sigmas[index + 1]
    const clean = await evaluate(denoise, x, sigma)
    if (next === 0) {
      x = clean
    } else {
      const h = Math.log(sigma / next)
      const ratio = (next / sigma) ** 2
      const ahead = before === undefined ? 0 : h / (2 * before.h)
      const drift = weightedSum(
        ratio,
        x,
        (1 - ratio) * (1 + ahead),
        clean,
        -(1 - ratio) * ahead,
        before?.clean ?? clean,
      )
      const fresh = stateOf(x.shape, normal(key.split(index), x.values.length))
      x = weightedSum(1, drift, next * Math.sqrt(1 - ratio), fresh)
      before = { clean, h }
    }
    onStep?.({ index, sigma: next, x })
  }
  return x
}
