import type { Parameters } from '../../core/index.js'
import { productPrior } from '../../generative/prior/index.js'
import type { Dwarf } from '../../io/dwarfs/index.js'
import {
  type DwarfPrior,
  type DwarfTheta,
  dwarfNames,
  dwarfParameters,
  type Interval,
  priorNames,
  toCoordinates,
} from '../../simulators/index.js'

/**
 * The parameters of a dwarf galaxy. Densities are nats over the coordinates in which the prior is flat (the ratios
 * r_star / r_s and r_a / r_star in place of two logarithms), for the network and the Jeans analysis alike.
 */
export function parametersUnder(prior: DwarfPrior): Parameters {
  const parameters = dwarfParameters(prior)
  const volume = logVolume(prior)
  const logProb = (theta: Float64Array) =>
    parameters.prior.logProb(theta).map(log => (log === Number.NEGATIVE_INFINITY ? log : -volume))
  return { ...parameters, prior: { ...parameters.prior, logProb } }
}

/** ln of the volume of the prior in its coordinates. */
function logVolume(prior: DwarfPrior): number {
  return priorNames.reduce((sum, name) => sum + Math.log(prior[name][1] - prior[name][0]), 0)
}

/** Standard normal coordinates of what lies on the very edge of the box, as rounded parameters do. */
const edge = 6

/** Standard normal coordinates of the galaxies' theta, `[galaxies, 6]`; theta that rounding moved out is taken in. */
export function normalTargets(dwarfs: readonly Dwarf[], prior: DwarfPrior): Float32Array {
  const box = productPrior(Object.fromEntries(priorNames.map(name => [name, { uniform: prior[name] }])))
  const coordinates = Float64Array.from(
    dwarfs.flatMap(dwarf =>
      toCoordinates(thetaOf(dwarf)).map((x, i) => {
        const [low, high] = prior[priorNames[i]]
        return Math.min(high, Math.max(low, x))
      }),
    ),
  )
  return Float32Array.from(box.toNormal(coordinates), z => Math.max(-edge, Math.min(edge, z)))
}

/** theta of a simulated galaxy. */
export function thetaOf(dwarf: Dwarf): DwarfTheta {
  return dwarf.theta as DwarfTheta
}

/** theta in the order of `dwarfNames`; nothing where one is not known. */
export function truthOf({ theta }: Dwarf): number[] | undefined {
  return dwarfNames.every(name => theta[name] !== undefined) ? dwarfNames.map(name => theta[name]) : undefined
}

/** Where each parameter can lie under the prior. */
export function boundsOf(prior: DwarfPrior): Interval[] {
  const stars: Interval = [
    prior.log10_r_s[0] + Math.log10(prior.r_star_over_r_s[0]),
    prior.log10_r_s[1] + Math.log10(prior.r_star_over_r_s[1]),
  ]
  const anisotropy: Interval = [
    stars[0] + Math.log10(prior.r_a_over_r_star[0]),
    stars[1] + Math.log10(prior.r_a_over_r_star[1]),
  ]
  return [prior.gamma, prior.log10_r_s, prior.log10_rho_0, stars, prior.beta_0, anisotropy]
}
