import { type Denoiser, type Key, normal, type OnStep, type State } from '../../../core/index.js'
import { checkSigmas } from '../sigmas.js'
import { evaluate, stateOf, weightedSum } from '../state.js'

/** The power of sigma in which the trapezium is taken: see below. */
const POWER = 1.5

/**
 * Heun's method for the reverse diffusion itself, dx = score dt + dW in the time t = sigma_max^2 - sigma^2 (Song et al.
 * 2021, arXiv 2011.13456, equation 6): the drift by the trapezium of both ends of the step, the noise that of the whole
 * step, sigma^2 - next^2. For additive noise this is of weak order 2 (Kloeden and Platen 1992, section 15.1). Two
 * evaluations a step, one in a last step to 0.
 *
 * The trapezium may be taken in any power of sigma: -eps / sigma d(sigma^2) = -(2 / p) eps sigma^(1 - p) d(sigma^p). In
 * sigma^2 sixteen steps overdo the small scales of halo fields, in sigma they underdo all; p = 1.5 lies between.
 *
 * Ancestral steps assume that D is nearly certain. Where each point by itself stays nearly free (of a halo field's
 * noise a few percent can be told) theirs is too little noise; here it is right.
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
      const fresh = stateOf(x.shape, normal(key.split(index), x.values.length))
      const span = (sigma ** POWER - next ** POWER) * (2 / POWER)
      // weights of x - D = sigma eps
      const here = span * sigma ** -POWER
      const there = span * next ** -POWER
      const drift = weightedSum(here, clean, -here, x)
      const moved = weightedSum(1, x, 1, drift, Math.sqrt(sigma ** 2 - next ** 2), fresh)
      const cleanThere = await evaluate(denoise, moved, next)
      const driftThere = weightedSum(there, cleanThere, -there, moved)
      x = weightedSum(1, moved, 0.5, driftThere, -0.5, drift)
    }
    onStep?.({ index, sigma: next, x })
  }
  return x
}
