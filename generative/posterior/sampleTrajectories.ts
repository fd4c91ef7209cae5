import type { Key } from '../../core/index.js'
import type { Chains } from './chains.js'
import { chainsIn, expectDensity, lockstep, startOf, type Walk } from './lockstep.js'
import { type RandomStream, randomStream } from './randomStream.js'
import { diagonalScales, type Scales, scaleLearner } from './scales.js'
import { firstStepSize, stepSizeTuner } from './stepSize.js'
import type { Target } from './target.js'
import { energyOf, type Phase, phaseAt } from './trajectory.js'
import { warmUpWindows } from './warmUp.js'

export interface TrajectoryOptions {
  /** steps that tune the step size and the scales; they are not kept */
  readonly warmUp: number
  /** draws kept of every chain */
  readonly length: number
  /** the mean acceptance aimed at; default 0.8 */
  readonly targetAcceptance?: number
  /**
   * what warm-up learns: a deviation of each coordinate (default), or their whole covariance, for targets whose
   * coordinates correlate
   */
  readonly scales?: 'diagonal' | 'dense'
}

/** What one step of a chain reports. */
export interface Step {
  /** mean over the trajectory, for tuning */
  readonly acceptance: number
  readonly steps: number
  readonly divergent: boolean
  readonly cut: boolean
}

/** One step: leaves the draw and its momentum in `state`. */
export type Transition = (state: Phase, scales: Scales, size: number, random: RandomStream) => Walk<Step>

/** What a run of trajectories starts from. */
export interface TrajectoryRun {
  readonly target: Target
  /** `[chains, dim]` */
  readonly start: Float64Array
  readonly key: Key
  readonly makeTransition: (dim: number) => Transition
}

/** What a request leaves open. */
export function usualTrajectories(): { readonly chains: number; readonly options: TrajectoryOptions } {
  return { chains: 4, options: { warmUp: 1000, length: 1000 } }
}

/**
 * What all samplers by gradients share: chains in lockstep, each warmed up by itself, and the record of what is kept.
 */
export async function sampleTrajectories(
  { target, start, key, makeTransition }: TrajectoryRun,
  { warmUp, length, targetAcceptance = 0.8, scales: kind = 'diagonal' }: TrajectoryOptions,
): Promise<Chains> {
  const { dim } = target
  const chains = chainsIn(start, dim)
  const draws = new Float64Array(length * chains * dim)
  const logs = new Float64Array(length * chains)
  const divergent = new Uint8Array(length * chains)
  const energy = new Float64Array(length * chains)
  const steps = new Int32Array(length * chains)
  const cut = new Uint8Array(length * chains)
  const stepSize = new Float64Array(chains)
  let accepted = 0
  const { first, ends } = warmUpWindows(warmUp)
  const walk = function* (chain: number): Walk {
    const random = randomStream(key.split(chain))
    const transition = makeTransition(dim)
    const state = phaseAt(startOf(start, dim, chain))
    state.log = yield state
    expectDensity(state.log, state.x)
    let scales = diagonalScales(new Float64Array(dim).fill(1))
    scales.toPull(state.gradient, state.pull)
    const learner = scaleLearner(dim, kind)
    let tuner = stepSizeTuner(yield* firstStepSize(state, scales, random, 1), targetAcceptance)
    for (let step = 0; step < warmUp; step++) {
      const { acceptance } = yield* transition(state, scales, tuner.current(), random)
      tuner.learn(acceptance)
      if (step < first || step >= (ends.at(-1) ?? 0)) continue
      learner.add(state.x)
      if (!ends.includes(step + 1)) continue
      scales = learner.scales()
      scales.toPull(state.gradient, state.pull)
      tuner = stepSizeTuner(yield* firstStepSize(state, scales, random, tuner.settled()), targetAcceptance)
    }
    stepSize[chain] = tuner.settled()
    for (let kept = 0; kept < length; kept++) {
      const step = yield* transition(state, scales, stepSize[chain], random)
      const row = kept * chains + chain
      draws.set(state.x, row * dim)
      logs[row] = state.log
      energy[row] = energyOf(state)
      steps[row] = step.steps
      divergent[row] = +step.divergent
      cut[row] = +step.cut
      accepted += step.acceptance
    }
  }
  const evaluations = await lockstep(
    target,
    Array.from({ length: chains }, (_, chain) => walk(chain)),
    true,
  )
  return {
    dim,
    chains,
    length,
    draws,
    logDensity: logs,
    acceptance: accepted / (length * chains),
    evaluations,
    trajectories: { divergent, energy, steps, cut, stepSize },
  }
}
