import type { Denoiser } from '../../../core/index.js'
import type { MarksModel } from './marksModel.js'
import { changingFeatures, fixedFeatures, residualColumns } from './residualFeatures.js'
import type { Surroundings } from './surroundings.js'
import { applyTerms } from './thetaSpace.js'

/** What of y is the rest, if nothing else were known: both have a variance, 1 and sigma^2 (Karras et al. 2022, c_skip with unit data). */
export function skip(sigma: number): number {
  return 1 / (1 + sigma * sigma)
}

/**
 * The rest of one cloud's velocities expected behind its noised value, in units of its rms: `skip y + features . coefficients`. It knows only the levels of the fit.
 *
 * @param expected `[3 * points]` expected velocities in the same unit
 */
export function residualDenoiser(
  model: MarksModel,
  around: Surroundings,
  scores: Float64Array,
  expected: Float64Array,
  terms: Float64Array,
): Denoiser {
  const { levels, terms: chosen, coefficients } = model.denoiser
  const own = chosen.map(t => terms[t])
  const { fixed, changing } = residualColumns(model.basis)
  const columns = fixed + changing
  const features = fixedFeatures(around, model.basis, scores, expected, columns)
  return async (x, sigma) => {
    const level = levels.findIndex(s => Math.abs(s - sigma) < 1e-9 * s)
    if (level < 0) throw new RangeError(`expected a noise level of the fit (${levels.join(', ')}), got ${sigma}`)
    changingFeatures(around, model.basis, scores, x.values, features, columns)
    const weights = applyTerms(own, coefficients[level])
    const c = skip(sigma)
    const values = x.values.map((y, row) => {
      let sum = c * y
      for (let k = 0, at = row * columns; k < columns; k++, at++) sum += weights[k] * features[at]
      return sum
    })
    return { shape: x.shape, values }
  }
}
