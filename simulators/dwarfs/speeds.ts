import { type InvertedGrid, power } from './inversion.js'

/** Draws speeds w, w^2 = v_r^2 + v_t^2 (1 + r^2 / r_a^2), at a radius; see `speedSampler`. */
export interface SpeedSampler {
  /**
   * @param depth  of the potential at r (kpc), as in the grid
   * @param u      uniform in (0, 1)
   * @returns km/s
   */
  speed(r: number, depth: number, u: number): number
  /** The integral of (psi - Q)^(1/2 - beta_0) f_Q dQ up to psi(r): rho_Q(r) / C where the grid is fine enough */
  total(r: number, depth: number): number
}

/** Share of the sum at a radius below which a cell, and all beyond it, are omitted. */
const negligible = 1e-6

/**
 * At a radius w has the density w^(2 - 2 beta_0) f_Q(psi - w^2/2): with y = w^2 / 2 = psi - Q that is y^(1/2 - beta_0)
 * f_Q dy. Between the points of the grid f_Q is linear in Q, times a factor a cell that makes its integral over the
 * cell that of the parabola through the middle; the distribution of w is then exact, its integrals being powers of y.
 */
export function speedSampler({ anisotropy, r: radii, psi, depth: depths, f }: InvertedGrid): SpeedSampler {
  const exponent = 1.5 - anisotropy.beta0
  const cells = (radii.length - 1) / 2
  const logFirst = Math.log(radii[0])
  const logStep = Math.log(radii[2] / radii[0])
  /** Depth, value and, for the cell that begins here, the factor; one more point at Q = 0, where f_Q is 0. */
  const at = new Float64Array(cells + 2)
  const value = new Float64Array(cells + 2)
  const factor = new Float64Array(cells + 2).fill(1)
  for (let k = 0; k <= cells; k++) {
    at[k] = depths[2 * k]
    value[k] = f[2 * k]
    if (k < cells) factor[k] = parabolaOverLine(depths, f, 2 * k)
  }
  at[cells + 1] = depths[2 * cells] + psi[2 * cells]
  const cumulative = new Float64Array(cells + 2)

  const cellOf = (r: number) => Math.min(cells, Math.max(0, Math.floor((Math.log(r) - logFirst) / logStep)))

  /**
   * Fills `cumulative[k]`, the integral from the star's place to point k; returns the last point that matters.
   */
  const accumulate = (first: number, depth: number): number => {
    let sum = 0
    let y = 0
    let moment = 0
    cumulative[first] = 0
    for (let k = first; k <= cells; k++) {
      const next = Math.max(0, at[k + 1] - depth)
      const nextMoment = power(next, exponent)
      const slope = (value[k + 1] - value[k]) / (at[k + 1] - at[k])
      const level = value[k] + slope * (depth - at[k])
      sum +=
        factor[k] *
        ((level * (nextMoment - moment)) / exponent + (slope * (next * nextMoment - y * moment)) / (exponent + 1))
      const grown = sum - cumulative[k]
      cumulative[k + 1] = sum
      // Far out what a cell adds falls by a fifth or more from one to the next. A clipped stretch is not yet the end.
      if (grown < negligible * sum && k > first + 16 && value[k] * value[k + 1] > 0) return k + 1
      y = next
      moment = nextMoment
    }
    return cells + 1
  }

  return {
    total(r, depth) {
      return cumulative[accumulate(cellOf(r), depth)]
    },
    speed(r, depth, u) {
      let low = cellOf(r)
      let high = accumulate(low, depth)
      const goal = u * cumulative[high]
      while (high - low > 1) {
        const middle = (low + high) >> 1
        if (cumulative[middle] < goal) low = middle
        else high = middle
      }
      const slope = (value[low + 1] - value[low]) / (at[low + 1] - at[low])
      const level = value[low] + slope * (depth - at[low])
      const wanted = (goal - cumulative[low]) / factor[low]
      return Math.sqrt(2 * solveCell(Math.max(0, at[low] - depth), at[low + 1] - depth, level, slope, exponent, wanted))
    },
  }
}

/**
 * The y between `from` and `to` at which the integral of (level + slope y) y^(exponent - 1) from `from` is `wanted`:
 * Newton's method inside a bracket.
 */
function solveCell(from: number, to: number, level: number, slope: number, exponent: number, wanted: number): number {
  const integral = (y: number, moment: number) => moment * (level / exponent + (slope * y) / (exponent + 1))
  const begin = integral(from, power(from, exponent))
  const end = integral(to, power(to, exponent))
  if (!(end > begin)) return to
  let low = from
  let high = to
  // Linear in y^exponent to begin with: exact where f_Q is level.
  const share = Math.min(1, wanted / (end - begin))
  let y = (power(from, exponent) + share * (power(to, exponent) - power(from, exponent))) ** (1 / exponent)
  for (let step = 0; step < 30; step++) {
    const moment = power(y, exponent)
    const miss = integral(y, moment) - begin - wanted
    if (miss > 0) high = y
    else low = y
    const density = (level + slope * y) * (moment / y)
    let next = y - miss / density
    if (!(next > low && next < high)) next = (low + high) / 2
    const moved = Math.abs(next - y)
    y = next
    if (moved < 1e-7 * y) break
  }
  return y
}

/**
 * The integral over two steps of the grid of the parabola through their three points over that of the straight line.
 */
function parabolaOverLine(depths: Float64Array, f: Float64Array, at: number): number {
  const a = depths[at + 1] - depths[at]
  const b = depths[at + 2] - depths[at + 1]
  const line = (f[at] + f[at + 2]) / 2
  const parabola = ((2 - b / a) * f[at] + ((a + b) ** 2 / (a * b)) * f[at + 1] + (2 - a / b) * f[at + 2]) / 6
  return line > 0 && parabola > 0 ? parabola / line : 1
}
