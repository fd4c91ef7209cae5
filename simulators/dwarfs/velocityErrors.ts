import { type Key, normal, uniform } from '../../core/index.js'

/**
 * One standard deviation of the stars' velocities, km/s: `none`; a number, the same for all; a range, from which each
 * galaxy has a median, uniform in its logarithm, about which its stars scatter; or `mixed`, the range 0.1 to 5 with one
 * galaxy in five measured without error.
 */
export type VelocityErrors =
  | { readonly kind: 'none' }
  | { readonly kind: 'equal'; readonly error: number }
  | { readonly kind: 'range'; readonly low: number; readonly high: number; readonly exactShare: number }

export const mixedErrors: VelocityErrors = { kind: 'range', low: 0.1, high: 5, exactShare: 0.2 }

/** Standard deviation of ln error about the galaxy's median. */
const scatter = 0.3

/** `[stars]` km/s */
export function drawVelocityErrors(key: Key, errors: VelocityErrors, stars: number): Float32Array {
  const out = new Float32Array(stars)
  if (errors.kind === 'none') return out
  if (errors.kind === 'equal') return out.fill(errors.error)
  const [exact, place] = uniform(key.split('median'), 2)
  if (exact < errors.exactShare) return out
  const median = errors.low * (errors.high / errors.low) ** place
  const deviates = normal(key.split('scatter'), stars)
  for (let i = 0; i < stars; i++) out[i] = median * Math.exp(scatter * deviates[i])
  return out
}
