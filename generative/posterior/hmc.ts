import type { Key } from '../../core/index.js'
import type { Chains } from './chains.js'
import { sampleTrajectories, type TrajectoryOptions, type Transition } from './sampleTrajectories.js'
import type { Target } from './target.js'
import { beginLeapfrog, copyPhase, drawMomentum, endLeapfrog, energyOf, phaseAt } from './trajectory.js'

export interface HmcOptions extends TrajectoryOptions {
  /** of a trajectory, in standard deviations; default pi/2, where a Gaussian forgets most */
  readonly pathLength?: number
}

/**
 * Hamiltonian Monte Carlo with trajectories of one length on average and a step size by dual averaging: Hoffman and
 * Gelman 2014 (arXiv 1111.4246), algorithm 5 and section 3.2. Lengths are drawn within 40% of `pathLength`, so that no
 * coordinate returns to where it began. Warm-up as in `sampleNuts`.
 *
 * @param start `[chains, dim]`, each where the density is positive; chains tune themselves apart
 * @throws UsageError for a start without density, or a target without gradient
 */
export function sampleHmc(target: Target, start: Float64Array, key: Key, options: HmcOptions): Promise<Chains> {
  const { pathLength = Math.PI / 2 } = options
  const makeTransition = (dim: number): Transition => {
    const end = phaseAt(new Float64Array(dim))
    const moved = new Float64Array(dim)
    return function* (state, scales, size, random) {
      const path = pathLength * (0.6 + 0.8 * random.uniform())
      const steps = Math.max(1, Math.min(512, Math.round(path / size)))
      drawMomentum(state, random)
      copyPhase(state, end)
      const before = energyOf(state)
      let after = before
      let step = 0
      for (; step < steps && after - before < 1000; step++) {
        beginLeapfrog(end, scales, size, moved)
        end.log = yield end
        endLeapfrog(end, scales, size)
        after = energyOf(end)
      }
      const acceptance = Math.min(1, Math.exp(before - after))
      if (random.uniform() < acceptance) copyPhase(end, state)
      return { acceptance, steps: step, divergent: !(after - before < 1000), cut: false }
    }
  }
  return sampleTrajectories(target, start, key, options, makeTransition)
}
