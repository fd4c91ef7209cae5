import type { Parameters } from '../../core/index.js'
import { type DifferentiablePrior, productPrior } from '../../generative/prior/index.js'
import {
  type DwarfName,
  type DwarfPrior,
  type DwarfTheta,
  dwarfNames,
  fromCoordinates,
  priorNames,
  toCoordinates,
} from './prior.js'

const units: Readonly<Record<DwarfName, string>> = {
  gamma: '',
  log10_r_s: 'log10 kpc',
  log10_rho_0: 'log10 Msun/kpc3',
  log10_r_star: 'log10 kpc',
  beta_0: '',
  log10_r_a: 'log10 kpc',
}

const labels: Readonly<Record<DwarfName, string>> = {
  gamma: 'γ',
  log10_r_s: 'log₁₀ rₛ  [kpc]',
  log10_rho_0: 'log₁₀ ρ₀  [Msun/kpc³]',
  log10_r_star: 'log₁₀ r★  [kpc]',
  beta_0: 'β₀',
  log10_r_a: 'log₁₀ rₐ  [kpc]',
}

const dim = dwarfNames.length
/** Places in `priorNames` of the two ratios, whose logarithms theta holds. */
const [share, multiple] = [priorNames.indexOf('r_star_over_r_s'), priorNames.indexOf('r_a_over_r_star')]

/**
 * The parameters of a dwarf galaxy under a box in the coordinates of `priorNames`. The density of the prior is over
 * theta, in the order of `dwarfNames`, and is that of the whole box: `drawDwarf` draws anew where theta has no
 * distribution function, so what it draws follows the same density up to a constant, and lacks those theta.
 *
 * @throws BadMarginal for an interval that does not ascend
 */
export function dwarfParameters(prior: DwarfPrior): Parameters & { readonly prior: DifferentiablePrior } {
  return {
    names: dwarfNames,
    units: dwarfNames.map(name => units[name]),
    labels: dwarfNames.map(name => labels[name]),
    prior: imageOfNormal(prior),
  }
}

/** z -> the coordinates, uniform in the box, by the normal distribution function -> theta by `fromCoordinates`. */
function imageOfNormal(prior: DwarfPrior): DifferentiablePrior {
  const box = productPrior(Object.fromEntries(priorNames.map(name => [name, { uniform: prior[name] }])))
  const coordinatesOf = (theta: Float64Array) => eachRow(theta, row => inside(toCoordinates(named(row)), prior))
  return {
    names: dwarfNames,
    toTheta: z =>
      eachRow(box.toTheta(z), row => {
        const theta = fromCoordinates(row)
        return dwarfNames.map(name => theta[name])
      }),
    toNormal: theta => box.toNormal(coordinatesOf(theta)),
    // The density of the logarithm of a ratio is that of the ratio times d ratio / d log10 ratio = ratio ln 10.
    logProb: theta => {
      const coordinates = coordinatesOf(theta)
      return box.logProb(coordinates).map((log, row) => {
        if (log === -Infinity) return log
        const ratios = coordinates[row * dim + share] * coordinates[row * dim + multiple]
        return log + Math.log(ratios) + 2 * Math.log(Math.LN10)
      })
    },
    pullBack: (z, gradient) => {
      const coordinates = box.toTheta(z)
      const pulled = new Float64Array(z.length)
      for (let row = 0; row < z.length; row += dim) {
        const [gamma, rS, rho0, rStar, beta0, rA] = gradient.subarray(row, row + dim)
        // r_s moves all three radii, r_star_over_r_s the two outer ones, r_a_over_r_star the last.
        pulled.set([gamma, rS + rStar + rA, rho0, rStar + rA, beta0, rA], row)
        for (const ratio of [share, multiple]) pulled[row + ratio] /= coordinates[row + ratio] * Math.LN10
      }
      return box.pullBack(z, pulled)
    },
  }
}

/** Share of a ratio by which its way through the logarithms may change it. */
const rounding = 1e-14

/**
 * The coordinates of theta with both ratios, which are differences of logarithms in theta, inside the box where they
 * leave it by no more than their rounding: a theta drawn at an end of the box stays in the support.
 */
function inside(coordinates: number[], prior: DwarfPrior): number[] {
  for (const ratio of [share, multiple]) {
    const [low, high] = prior[priorNames[ratio]]
    const value = coordinates[ratio]
    const nearest = Math.min(Math.max(value, low), high)
    if (Math.abs(value - nearest) <= rounding * value) coordinates[ratio] = nearest
  }
  return coordinates
}

function named(row: Float64Array): DwarfTheta {
  const [gamma, log10_r_s, log10_rho_0, log10_r_star, beta_0, log10_r_a] = row
  return { gamma, log10_r_s, log10_rho_0, log10_r_star, beta_0, log10_r_a }
}

function eachRow(rows: Float64Array, of: (row: Float64Array) => readonly number[]): Float64Array {
  const out = new Float64Array(rows.length)
  for (let at = 0; at < rows.length; at += dim) {
    // Cell by cell: a row that is cut short is left for the box to refuse.
    const row = of(rows.subarray(at, at + dim))
    for (let i = 0; i < dim; i++) out[at + i] = row[i]
  }
  return out
}
