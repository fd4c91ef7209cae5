import { type ChainSampler, chainSampler } from './chainSampler.js'
import { sampleTrajectories, type TrajectoryOptions, type Transition, usualTrajectories } from './sampleTrajectories.js'
import { beginLeapfrog, copyPhase, drawMomentum, endLeapfrog, energyOf, phaseAt } from './trajectory.js'

export interface HmcOptions extends TrajectoryOptions {
  /** of a trajectory, in standard deviations; default pi/2, where a Gaussian forgets most */
  readonly pathLength?: number
}

/**
 * Hamiltonian Monte Carlo with trajectories of one length on average and a step size by dual averaging: Hoffman and
 * Gelman 2014 (arXiv 1111.4246), algorithm 5 and section 3.2. Lengths are drawn within 40% of `pathLength`, so that no
 * coordinate returns to where it began. Warm-up and defaults as in `sampleNuts`.
 *
 *     const density = { point: x => -x[0] ** 2 / 2, pointWithGradient: (x, gradient) => {
 *       gradient[0] = -x[0]
 *       return -x[0] ** 2 / 2
 *     } }
 *     const { draws, diagnosis } = await sampleHmc(density, { dim: 1, key: makeKey(0) })
 *
 * With a target and starts of one's own: `sampleHmc(target, start, key, { warmUp: 600, length: 500 })`.
 *
 * @throws UsageError for a start without density, or a target without gradient
 */
export const sampleHmc: ChainSampler<HmcOptions> = chainSampler<HmcOptions>({
  sample(target, start, key, options) {
    const { pathLength = Math.PI / 2 } = options
    return sampleTrajectories({ target, start, key, makeTransition: dim => hamiltonian(dim, pathLength) }, options)
  },
  defaults: usualTrajectories,
})

/** One trajectory of a random length about `pathLength`, its end accepted or not. */
function hamiltonian(dim: number, pathLength: number): Transition {
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
