import { gaussLegendre } from '../../simulators/dwarfs/gaussLegendre.js'
import type { GnfwShape } from '../../simulators/index.js'

/**
 * GeV^2 cm^-5 of 1 Msun^2 kpc^-5, and GeV cm^-2 of 1 Msun kpc^-2 (IAU 2015 GM of the Sun over CODATA 2018 G; 1 kpc =
 * 3.0856776e21 cm).
 */
const gevOfSun = 1.988409870698051e30 * (299792458 ** 2 / 1.602176634e-10)
const cmOfKpc = 3.0856775814913673e21
export const jUnit = gevOfSun ** 2 / cmOfKpc ** 5
export const dUnit = gevOfSun / cmOfKpc ** 2

/**
 * Msun/kpc3 beyond which dark matter annihilates as fast as it falls in, so that no cusp is denser: about 3e18 for 100
 * GeV and 1e-26 cm3/s (Berezinsky, Gurevich and Zybin 1992; Charbonnier et al. 2011, arXiv 1104.0412). It matters for
 * inner slopes near 1.5 (2% at 1.4) and beyond, where the integral of rho^2 diverges.
 */
export const saturationDensity = 3e18

/** The directions within an angle of a galaxy's centre, prepared for many haloes. */
export interface Cone {
  /** kpc */
  readonly distance: number
  /** degrees */
  readonly angle: number
  /**
   * Integrals of rho^2 and of rho over the cone's solid angle and along its lines of sight to infinity:
   * J in GeV^2 cm^-5, D in GeV cm^-2.
   *
   * @returns `cutAt`, the radius in kpc within which the density was held at `saturationDensity` for J; 0 where nowhere
   */
  factors(halo: GnfwShape): { readonly j: number; readonly d: number; readonly cutAt: number }
}

const nodesOfPanel = 8

/**
 * For a sphere about a centre at distance D the integral over a cone of half-angle a and its lines of sight is one over
 * radii,
 *
 *     integral f(r) W(r) dr
 *     W = 4 pi r/D artanh(r/D)                                          r < D sin a: the whole shell
 *     W = 4 pi r/D ln[(1 + r/D) / (cos a + sqrt(r^2/D^2 - sin^2 a))]    up to D: its two caps; half of that beyond D
 *
 * from dOmega dl with l = D cos t +- sqrt(r^2 - D^2 sin^2 t): exact, with no small angles or distant observers.
 *
 * @param distance    kpc
 * @param angle       degrees, half of the cone's opening
 * @param saturation  Msun/kpc3 at which the density is held for J
 */
export function makeCone(distance: number, angle: number, saturation = saturationDensity): Cone {
  const a = (angle * Math.PI) / 180
  const near = distance * Math.sin(a)
  const grids = new Map<number, Grid>()
  /** Radii from a hundredth of the smaller scale: within that the density is a power series. */
  const gridFor = (r_s: number): Grid => {
    const decade = Math.floor(Math.log10(Math.min(near, r_s))) - 2
    const grid = grids.get(decade) ?? makeGrid(distance, a, 10 ** decade)
    grids.set(decade, grid)
    return grid
  }
  const inside = (4 * Math.PI) / distance ** 2
  return {
    distance,
    angle,
    factors({ gamma, r_s, rho_0 }) {
      const { r0, radii, weights } = gridFor(r_s)
      let [j, d] = [0, 0]
      for (let k = 0; k < radii.length; k++) {
        const x = radii[k] / r_s
        const density = rho_0 * Math.exp(-gamma * Math.log(x) + (gamma - 3) * Math.log1p(x))
        j += weights[k] * Math.min(density, saturation) ** 2
        d += weights[k] * density
      }
      const cutAt = gamma > 0 && rho_0 > 0 ? r_s * (rho_0 / saturation) ** (1 / gamma) : 0
      const shell = inside * r_s ** 3
      const bound = Math.min(cutAt, r0) / r_s
      j += shell * rho_0 ** 2 * powerSeries(bound, r0 / r_s, 3 - 2 * gamma, 2 * (gamma - 3))
      if (bound > 0) j += (shell * Math.min(saturation, rho_0 * bound ** -gamma) ** 2 * bound ** 3) / 3
      d += shell * rho_0 * powerSeries(0, r0 / r_s, 3 - gamma, gamma - 3)
      return { j: j * jUnit, d: d * dUnit, cutAt: gamma >= 1.5 ? cutAt : 0 }
    },
  }
}

/** Radii (kpc) from r0 on, with W(r) dr of each. */
interface Grid {
  readonly r0: number
  readonly radii: readonly number[]
  readonly weights: readonly number[]
}

/** @param a  radians */
function makeGrid(distance: number, a: number, r0: number): Grid {
  const [sin, cos] = [Math.sin(a), Math.cos(a)]
  const near = distance * sin
  const radii: number[] = []
  const weights: number[] = []
  const add = (r: number, share: number, dr: number) => {
    radii.push(r)
    weights.push(share * dr)
  }
  const { nodes, weights: shares } = gaussLegendre(nodesOfPanel)
  const over = (from: number, to: number, panels: number, put: (y: number, dy: number) => void) => {
    const half = (to - from) / panels / 2
    for (let p = 0; p < panels; p++) {
      for (let k = 0; k < nodesOfPanel; k++) put(from + half * (2 * p + 1 + nodes[k]), half * shares[k])
    }
  }
  over(Math.log(r0), Math.log(near), Math.ceil(Math.log(near / r0)), (y, dy) => {
    const r = Math.exp(y)
    add(r, 4 * Math.PI * (r / distance) * Math.atanh(r / distance), r * dy)
  })
  // (1 - cos a) without cancellation
  const bend = 2 * Math.sin(a / 2) ** 2
  const caps = (x: number, root: number) => 4 * Math.PI * x * Math.log1p((bend + sin ** 2 / (x + root)) / (cos + root))
  const widest = Math.acosh(1 / sin)
  // r = D sin a cosh y takes the square root's kink away
  over(0, widest, Math.max(4, Math.ceil(widest)), (y, dy) => {
    const [x, root] = [sin * Math.cosh(y), sin * Math.sinh(y)]
    add(distance * x, caps(x, root), distance * root * dy)
  })
  over(0, 1, 1, (t, dt) => {
    const x = 1 / t
    add(distance * x, caps(x, Math.sqrt(x * x - sin * sin)) / 2, (distance / (t * t)) * dt)
  })
  return { r0, radii, weights }
}

/** Integral of x^(power - 1) (1 + x)^bend from `from` to `to`, by the series in x; `to` below about a half. */
function powerSeries(from: number, to: number, power: number, bend: number): number {
  let sum = 0
  let binomial = 1
  for (let k = 0; k < 40; k++) {
    const own = power + k
    const part =
      from > 0 && Math.abs(own) < 1e-9
        ? Math.log(to / from)
        : (to ** own - (from > 0 ? from ** own : own > 0 ? 0 : Number.POSITIVE_INFINITY)) / own
    sum += binomial * part
    if (Math.abs(binomial * part) < 1e-15 * Math.abs(sum)) break
    binomial *= (bend - k) / (k + 1)
  }
  return sum
}
