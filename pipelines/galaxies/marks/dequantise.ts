import { type Key, uniform } from '../../../core/index.js'

/** rho_crit of the fields' own particle masses, h^2 Msun / Mpc^3 rounded as their file says. */
const particleDensity = 2.775e11

/**
 * What whole numbers of particles mean in a file of halos: Msun/h each, for a grid of `side` particles in `box` Mpc/h.
 */
export function particleMass(omegaM: number, box = 1000, side = 192): number {
  return particleDensity * omegaM * (box / side) ** 3
}

/**
 * Masses as a continuous quantity. A simulation counts particles, so its masses are steps of one particle: n becomes a
 * uniform number in [n - 1/2, n + 1/2). A list of the heaviest N stops amid halos of equal n: of the lightest step only
 * a part f was kept, found by carrying on the power law of the next eight steps, and these are the heaviest f of their
 * step. Without that the least mass would be off by a third of a step on average.
 *
 * @param logMass  log10 Msun/h, in any order
 * @param particle Msun/h; where masses are not whole multiples of it they are returned as they are
 * @returns `[points]` log10 Msun/h
 */
export function dequantise(logMass: Float32Array, particle: number, key: Key): Float64Array {
  const counts = Float64Array.from(logMass, m => 10 ** m / particle)
  // A file's particle mass may differ in its last digits from ours: 1 in 5000 of 300 particles.
  const unit = stepOf(counts)
  if (unit === undefined) return Float64Array.from(logMass)
  const whole = Int32Array.from(counts, n => Math.round(n / unit))
  const least = whole.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  const kept = keptOfLightest(whole, least)
  const spread = uniform(key, whole.length)
  return Float64Array.from(whole, (n, i) => {
    const within = n === least ? 1 - kept * spread[i] : spread[i]
    return Math.log10((n - 0.5 + within) * unit * particle)
  })
}

/** The true step in units of the assumed one (nearly 1), or none where the masses are no multiples of a step. */
function stepOf(counts: Float64Array): number | undefined {
  for (const unit of [1, medianRatio(counts)]) {
    const off = counts.reduce((sum, n) => sum + Math.abs(n / unit - Math.round(n / unit)), 0) / counts.length
    if (off < 0.05) return unit
  }
  return undefined
}

function medianRatio(counts: Float64Array): number {
  const ratios = counts.map(n => n / Math.max(1, Math.round(n))).sort()
  return ratios[ratios.length >> 1]
}

/** Share of the lightest step's halos that the list holds, 0 to 1. */
function keptOfLightest(whole: Int32Array, least: number): number {
  const steps = 9
  const found = new Float64Array(steps)
  for (const n of whole) if (n - least < steps) found[n - least]++
  let [w0, wx, wy, wxx, wxy] = [0, 0, 0, 0, 0]
  for (let q = 1; q < steps; q++) {
    const weight = found[q]
    if (weight === 0) continue
    const x = Math.log(least + q)
    const y = Math.log(found[q])
    w0 += weight
    wx += weight * x
    wy += weight * y
    wxx += weight * x * x
    wxy += weight * x * y
  }
  const determinant = w0 * wxx - wx * wx
  if (!(determinant > 1e-9 * w0 * w0)) return 1
  const slope = (w0 * wxy - wx * wy) / determinant
  const expected = Math.exp((wy - slope * wx) / w0 + slope * Math.log(least))
  return Math.min(1, found[0] / expected)
}
