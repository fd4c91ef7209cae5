import type { Denoiser } from '../../../core/index.js'
import type { MarksModel } from './marksModel.js'
import { residualColumns, weighFeatures } from './residualFeatures.js'
import type { Surroundings } from './surroundings.js'
import { applyTerms } from './thetaSpace.js'

/**
 * What of y is the rest, if nothing else were known: both have a variance, 1 and sigma^2 (Karras et al. 2022, c_skip
 * with unit data).
 */
export function skip(sigma: number): number {
  return 1 / (1 + sigma * sigma)
}

/** What is known of a cloud. */
export interface KnownCloud {
  /** `[points]` normal scores of the masses */
  readonly scores: Float64Array
  /** `fixedFeatures` of the cloud, `[3 * points, fixed + changing]` */
  readonly features: Float32Array
  readonly terms: Float64Array
}

/**
 * What is left of one cloud's velocities behind its noised value, in units of its rms: `skip y + features .
 * coefficients`. It knows only the levels of the fit.
 */
export function residualDenoiser(
  model: MarksModel,
  around: Surroundings,
  { scores, features, terms }: KnownCloud,
): Denoiser {
  const { levels, denoiser } = model.rest
  const own = model.coarse.map(t => terms[t])
  const { fixed, changing } = residualColumns(model.basis)
  const columns = fixed + changing
  return async (x, sigma) => {
    const level = levels.findIndex(s => Math.abs(s - sigma) < 1e-9 * s)
    if (level < 0) throw new RangeError(`expected a noise level of the fit (${levels.join(', ')}), got ${sigma}`)
    const weights = applyTerms(own, denoiser[level])
    const clean = weighFeatures(around, model.basis, scores, x.values, features, columns, weights)
    const c = skip(sigma)
    return { shape: x.shape, values: x.values.map((y, row) => c * y + clean[row]) }
  }
}
