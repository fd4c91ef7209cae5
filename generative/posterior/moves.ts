import type { RandomStream } from './randomStream.js'

/**
 * The walkers that stand still while others move: `count` rows of `dim` numbers in `positions`, from row `first` on.
 */
export interface Others {
  readonly positions: Float64Array
  readonly first: number
  readonly count: number
}

/**
 * A proposal for one walker that reads only the walkers standing still. Writes `to` and returns the logarithm of the
 * factor that the ratio of densities is multiplied with in the acceptance (0 for a symmetric proposal).
 *
 * @param from `positions` of the walker at offset `at`, `[dim]`
 */
export type Move = (from: Float64Array, at: number, others: Others, to: Float64Array, random: RandomStream) => number

/**
 * Goodman and Weare 2010 (doi:10.2140/camcos.2010.5.65), eq. 7: along the line to another walker, z^-1/2 on [1/a, a].
 * Affine-invariant. Foreman-Mackey et al. 2013, arXiv 1202.3665, algorithm 2.
 */
export function stretch(a = 2): Move {
  return (from, at, others, to, random) => {
    const dim = to.length
    const z = ((a - 1) * random.uniform() + 1) ** 2 / a
    const other = (others.first + random.integer(others.count)) * dim
    for (let i = 0; i < dim; i++) {
      const anchor = others.positions[other + i]
      to[i] = anchor + z * (from[at + i] - anchor)
    }
    return (dim - 1) * Math.log(z)
  }
}

/**
 * Differential evolution, ter Braak 2006 (doi:10.1007/s11222-006-8769-1): the difference of two other walkers, times
 * 2.38 / sqrt(2 dim), spread by a factor near 1 as Nelson et al. 2014 (arXiv 1311.5229) do; one time in ten the whole
 * difference, which leaps between modes.
 */
export function differentialEvolution(spread = 1e-5): Move {
  return (from, at, others, to, random) => {
    const dim = to.length
    const first = random.integer(others.count)
    let second = random.integer(others.count - 1)
    if (second >= first) second++
    const whole = random.uniform() < 0.1
    const size = (whole ? 1 : 2.38 / Math.sqrt(2 * dim)) * (1 + spread * random.normal())
    const a = (others.first + first) * dim
    const b = (others.first + second) * dim
    for (let i = 0; i < dim; i++) to[i] = from[at + i] + size * (others.positions[a + i] - others.positions[b + i])
    return 0
  }
}

/**
 * Snooker, ter Braak and Vrugt 2008 (doi:10.1007/s11222-008-9104-9), eq. 3: along the line to a third walker by the
 * projected difference of two others.
 */
export function snooker(size = 1.7): Move {
  return (from, at, others, to, random) => {
    const dim = to.length
    const [z, a, b] = three(others.count, random)
    const anchor = (others.first + z) * dim
    const plus = (others.first + a) * dim
    const minus = (others.first + b) * dim
    let before = 0
    let shift = 0
    for (let i = 0; i < dim; i++) {
      const along = from[at + i] - others.positions[anchor + i]
      before += along * along
      shift += along * (others.positions[plus + i] - others.positions[minus + i])
    }
    if (before === 0) return -Infinity
    const scale = (size * shift) / before
    for (let i = 0; i < dim; i++) to[i] = from[at + i] + scale * (from[at + i] - others.positions[anchor + i])
    return (dim - 1) * Math.log(Math.abs(1 + scale))
  }
}

/** Three different numbers below `count`. */
function three(count: number, random: RandomStream): [number, number, number] {
  const a = random.integer(count)
  let b = random.integer(count - 1)
  if (b >= a) b++
  let c = random.integer(count - 2)
  if (c >= Math.min(a, b)) c++
  if (c >= Math.max(a, b)) c++
  return [a, b, c]
}
