import type { Walk } from './lockstep.js'
import type { RandomStream } from './randomStream.js'
import type { Scales } from './scales.js'
import { beginLeapfrog, copyPhase, drawMomentum, endLeapfrog, energyOf, type Phase, phaseAt } from './trajectory.js'

/**
 * A step size that one leapfrog step accepts about as often as wanted: Hoffman and Gelman 2014 (arXiv 1111.4246),
 * algorithm 4, with Stan's 0.8 for their 0.5.
 */
export function* firstStepSize(at: Phase, scales: Scales, random: RandomStream, guess: number): Walk<number> {
  const probe = phaseAt(at.x)
  const moved = new Float64Array(at.x.length)
  const accepted = function* (size: number): Walk<boolean> {
    copyPhase(at, probe)
    drawMomentum(probe, random)
    const before = energyOf(probe)
    beginLeapfrog(probe, scales, size, moved)
    probe.log = yield probe
    endLeapfrog(probe, scales, size)
    return before - energyOf(probe) > Math.log(0.8)
  }
  let size = guess
  const grow = yield* accepted(size)
  for (let doubling = 0; doubling < 50; doubling++) {
    const next = grow ? 2 * size : size / 2
    if ((yield* accepted(next)) !== grow) return grow ? size : next
    size = next
  }
  return size
}

export interface StepSizeTuner {
  /** to be tried next */
  current(): number
  /** the average to be kept */
  settled(): number
  learn(acceptance: number): void
}

/** Nesterov's dual averaging, Hoffman and Gelman 2014, eq. 6 with the paper's constants. */
export function stepSizeTuner(first: number, target: number): StepSizeTuner {
  const [gamma, offset, kappa] = [0.05, 10, 0.75]
  const mu = Math.log(10 * first)
  let update = 0
  let error = 0
  let log = Math.log(first)
  let average = Math.log(first)
  return {
    current: () => Math.exp(log),
    settled: () => Math.exp(average),
    learn(acceptance) {
      update++
      error += (target - acceptance - error) / (update + offset)
      log = mu - (Math.sqrt(update) / gamma) * error
      const weight = update ** -kappa
      average = weight * log + (1 - weight) * average
    },
  }
}
