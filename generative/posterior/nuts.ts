import { type ChainSampler, chainSampler } from './chainSampler.js'
import type { Walk } from './lockstep.js'
import { logAddExp } from './logSumExp.js'
import { joined, type Span, spanOf, turnsWithin } from './noUTurn.js'
import type { RandomStream } from './randomStream.js'
import { sampleTrajectories, type TrajectoryOptions, type Transition, usualTrajectories } from './sampleTrajectories.js'
import type { Scales } from './scales.js'
import {
  beginLeapfrog,
  copy,
  copyPhase,
  drawMomentum,
  endLeapfrog,
  energyOf,
  type Phase,
  phaseAt,
} from './trajectory.js'

export interface NutsOptions extends TrajectoryOptions {
  /** doublings of a trajectory at most; default 10 */
  readonly maxDepth?: number
}

/**
 * The no-U-turn sampler (Hoffman and Gelman 2014, arXiv 1111.4246) as Stan runs it: draws along the trajectory by their
 * weights, biased to the new half (Betancourt 2017, arXiv 1701.02434, appendix A.3), the generalised criterion of A.4
 * also across the halves, and a warm-up in windows that learns the step size and the scales. Trajectories that lose
 * their energy are counted in `trajectories.divergent`. Every chain tunes itself. By default 4 chains of 1,000 draws
 * after as many steps of warm-up.
 *
 *     const density = z => tf.sum(tf.square(z), 1).mul(-0.5)
 *     const { draws, diagnosis } = await sampleNuts(density, { dim: 2, key: makeKey(0) })
 *     diagnosis.trusted   // true
 *     diagnosis.verdict   // nothing speaks against these chains: R-hat 1.00…
 *     draws.length        // 8000: [1000, 4, 2], rows are draws
 *
 * With a target and starts of one's own: `sampleNuts(target, start, key, { warmUp: 600, length: 500 })`.
 *
 * @throws UsageError for a start without density, or a target without gradient
 */
export const sampleNuts: ChainSampler<NutsOptions> = chainSampler<NutsOptions>({
  sample(target, start, key, options) {
    const { maxDepth = 10 } = options
    return sampleTrajectories({ target, start, key, makeTransition: dim => noUTurn(dim, maxDepth) }, options)
  },
  defaults: usualTrajectories,
})

/** One trajectory, doubled in a random direction until it turns back. */
function noUTurn(dim: number, maxDepth: number): Transition {
  const ends = [phaseAt(new Float64Array(dim)), phaseAt(new Float64Array(dim))]
  const whole = spanOf(dim)
  const grown = makeBranch(dim, maxDepth)
  return function* (state, scales, size, random) {
    drawMomentum(state, random)
    for (const end of ends) copyPhase(state, end)
    const before = energyOf(state)
    copy(state.momentum, whole.first)
    copy(state.momentum, whole.last)
    copy(state.momentum, whole.sum)
    let logWeight = 0
    let steps = 0
    let acceptance = 0
    for (let depth = 0; depth < maxDepth; depth++) {
      const forward = random.uniform() < 0.5
      const branch = yield* grown(ends[+forward], 2 ** depth, scales, forward ? size : -size, before, random)
      steps += branch.steps
      acceptance += branch.acceptance
      if (!branch.complete) return { acceptance: acceptance / steps, steps, divergent: branch.divergent, cut: false }
      if (Math.log(random.uniform()) < branch.logWeight - logWeight) copyPhase(branch.draw, state)
      logWeight = logAddExp(logWeight, branch.logWeight)
      const turned = turnsWithin(forward ? whole : reversed(whole), branch.span)
      joined(whole, branch.span, forward)
      if (turned) return { acceptance: acceptance / steps, steps, divergent: false, cut: false }
    }
    return { acceptance: acceptance / steps, steps, divergent: false, cut: true }
  }
}

/** What was added to a trajectory at one end. */
interface Branch {
  /** neither did a part of it turn back nor was the energy lost */
  readonly complete: boolean
  readonly divergent: boolean
  readonly steps: number
  /** sum over its points */
  readonly acceptance: number
  /** log of the sum of exp(energy at the start - energy) */
  readonly logWeight: number
  /** one of its points, by weight */
  readonly draw: Phase
  readonly span: Span
}

type Grow = (
  end: Phase,
  count: number,
  scales: Scales,
  size: number,
  before: number,
  random: RandomStream,
) => Walk<Branch>

/**
 * Point by point instead of by recursion: complete halves are joined as the ones in a binary counter are carried, so
 * that at most one span a level is kept. A point replaces the one drawn with its share of the weight so far, which is
 * the multinomial draw of the recursion.
 */
function makeBranch(dim: number, maxDepth: number): Grow {
  const draw = phaseAt(new Float64Array(dim))
  const spans = Array.from({ length: maxDepth + 1 }, () => spanOf(dim))
  const moved = new Float64Array(dim)
  const broken = (divergent: boolean, steps: number, acceptance: number): Branch => ({
    complete: false,
    divergent,
    steps,
    acceptance,
    logWeight: -Infinity,
    draw,
    span: spans[0],
  })
  return function* (end, count, scales, size, before, random) {
    let logWeight = -Infinity
    let acceptance = 0
    let level = 0
    for (let point = 0; point < count; point++) {
      beginLeapfrog(end, scales, size, moved)
      end.log = yield end
      endLeapfrog(end, scales, size)
      const gain = before - energyOf(end)
      acceptance += gain > 0 ? 1 : Math.exp(gain)
      if (!(gain > -1000)) return broken(true, point + 1, acceptance)
      logWeight = logAddExp(logWeight, gain)
      if (gain === logWeight || Math.log(random.uniform()) < gain - logWeight) copyPhase(end, draw)
      const own = spans[level++]
      copy(end.momentum, own.first)
      copy(end.momentum, own.last)
      copy(end.momentum, own.sum)
      for (let carry = point; carry & 1; carry >>= 1) {
        const [early, late] = [spans[level - 2], spans[level - 1]]
        if (turnsWithin(early, late)) return broken(false, point + 1, acceptance)
        joined(early, late, true)
        level--
      }
    }
    return { complete: true, divergent: false, steps: count, acceptance, logWeight, draw, span: spans[0] }
  }
}

/** Seen from the other end. */
function reversed({ first, last, sum }: Span): Span {
  return { first: last, last: first, sum }
}
