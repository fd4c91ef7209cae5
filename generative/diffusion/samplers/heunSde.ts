import { evaluate, weightedSum } from '../state.js'
import { type DrawingSampler, freshNoise, walkLevels } from './noiseLevels.js'

/** The power of sigma in which the trapezium is taken: see below. */
const power = 1.5

/**
 * Heun's method for the reverse diffusion itself, dx = score dt + dW in the time t = sigma_max^2 - sigma^2 (Song et al.
 * 2021, arXiv 2011.13456, equation 6): the drift by the trapezium of both ends of the step, the noise that of the whole
 * step, sigma^2 - next^2. For additive noise this is of weak order 2 (Kloeden and Platen 1992, section 15.1). Two
 * evaluations a step, one in a last step to 0.
 *
 * The trapezium may be taken in any power of sigma: -eps / sigma d(sigma^2) = -(2 / p) eps sigma^(1 - p) d(sigma^p). In
 * sigma^2 sixteen steps make the small scales of halo fields too strong, in sigma they make all scales too weak; p =
 * 1.5 lies between.
 *
 * Ancestral steps assume that D is nearly certain. Where each point by itself stays nearly free (a model explains a few
 * percent of a halo field's noise) they add too little noise; these steps add the right amount.
 */
export const heunSde: DrawingSampler = (denoise, noise, sigmas, key, onStep) => {
  return walkLevels({ denoise, noise, sigmas, onStep }, async step => {
    const { sigma, next, x, clean } = step
    if (next === 0) return clean
    const span = (sigma ** power - next ** power) * (2 / power)
    // weights of x - D = sigma eps
    const here = span * sigma ** -power
    const there = span * next ** -power
    const drift = weightedSum(here, clean, -here, x)
    const moved = weightedSum(1, x, 1, drift, Math.sqrt(sigma ** 2 - next ** 2), freshNoise(key, step))
    const cleanThere = await evaluate(denoise, moved, next)
    const driftThere = weightedSum(there, cleanThere, -there, moved)
    return weightedSum(1, moved, 0.5, driftThere, -0.5, drift)
  })
}
