import { type Key, UsageError } from '../../core/index.js'
import type { Chains } from './chains.js'
import { type RandomStream, randomStream } from './randomStream.js'

/** The logarithm of a density at `x`, `[dim]`, its gradient written to `gradient`; -Infinity where there is none. */
export type LogDensityWithGradient = (x: Float64Array, gradient: Float64Array) => number

export interface HmcOptions {
  /** steps that tune the step size and the scales; they are not kept */
  readonly warmUp: number
  /** draws kept of every chain */
  readonly length: number
  /** of a trajectory, in standard deviations; default pi/2, where a Gaussian forgets most */
  readonly pathLength?: number
  /** the mean acceptance aimed at; default 0.8 */
  readonly targetAcceptance?: number
}

/**
 * Hamiltonian Monte Carlo with trajectories of one length on average and a step size by dual averaging: Hoffman and Gelman 2014 (arXiv 1111.4246),
 * algorithm 5 and section 3.2. The mass matrix is diagonal, the inverse variances of the middle half of the warm-up. Lengths are drawn within 40% of
 * `pathLength`, so that no coordinate returns to where it began.
 *
 * @param start `[chains, dim]`, each where the density is positive; chains tune themselves apart
 * @throws UsageError for a start without density
 */
export function sampleHmc(
  logDensity: LogDensityWithGradient,
  start: Float64Array,
  dim: number,
  key: Key,
  { warmUp, length, pathLength = Math.PI / 2, targetAcceptance = 0.8 }: HmcOptions,
): Chains {
  const chains = start.length / dim
  const draws = new Float64Array(length * chains * dim)
  const logs = new Float64Array(length * chains)
  let accepted = 0
  for (let chain = 0; chain < chains; chain++) {
    const random = randomStream(key.split(chain))
    const state = makeState(logDensity, start.subarray(chain * dim, (chain + 1) * dim))
    const scales = new Float64Array(dim).fill(1)
    const moments = makeMoments(dim)
    let tuner = makeTuner(firstStepSize(logDensity, state, scales, random), targetAcceptance)
    for (let step = 0; step < warmUp + length; step++) {
      const tuning = step < warmUp
      const size = tuning ? tuner.current() : tuner.settled()
      const path = pathLength * (0.6 + 0.8 * random.uniform())
      const acceptance = trajectory(
        logDensity,
        state,
        scales,
        size,
        Math.max(1, Math.min(512, Math.round(path / size))),
        random,
      )
      if (tuning) {
        tuner.learn(acceptance)
        if (step >= warmUp / 4 && step < (3 * warmUp) / 4) moments.add(state.x)
        if (step === Math.floor((3 * warmUp) / 4) && moments.count() > 2 * dim) {
          scales.set(moments.deviations())
          tuner = makeTuner(firstStepSize(logDensity, state, scales, random), targetAcceptance)
        }
        continue
      }
      accepted += acceptance
      const row = (step - warmUp) * chains + chain
      draws.set(state.x, row * dim)
      logs[row] = state.log
    }
  }
  return { dim, chains, length, draws, logDensity: logs, acceptance: accepted / (length * chains) }
}

interface State {
  readonly x: Float64Array
  readonly gradient: Float64Array
  log: number
}

function makeState(logDensity: LogDensityWithGradient, start: Float64Array): State {
  const x = Float64Array.from(start)
  const gradient = new Float64Array(x.length)
  const log = logDensity(x, gradient)
  if (Number.isFinite(log)) return { x, gradient, log }
  throw new UsageError(
    'expected a chain to start where the density is positive',
    `got ${log} at ${x.join(', ')}`,
    'start elsewhere',
  )
}

/** Leapfrog and Metropolis; changes `state` if accepted and returns the probability that it is. */
function trajectory(
  logDensity: LogDensityWithGradient,
  state: State,
  scales: Float64Array,
  size: number,
  steps: number,
  random: RandomStream,
): number {
  const x = Float64Array.from(state.x)
  const gradient = Float64Array.from(state.gradient)
  // momenta in units of 1 / scale: kinetic energy is p^2 / 2
  const p = scales.map(() => random.normal())
  const before = state.log - kinetic(p)
  let log = state.log
  for (let step = 0; step < steps && Number.isFinite(log); step++) {
    for (let i = 0; i < x.length; i++) {
      p[i] += (size / 2) * scales[i] * gradient[i]
      x[i] += size * scales[i] * p[i]
    }
    log = logDensity(x, gradient)
    for (let i = 0; i < x.length; i++) p[i] += (size / 2) * scales[i] * gradient[i]
  }
  const change = log - kinetic(p) - before
  const acceptance = Number.isFinite(change) ? Math.min(1, Math.exp(change)) : 0
  if (random.uniform() < acceptance) {
    state.x.set(x)
    state.gradient.set(gradient)
    state.log = log
  }
  return acceptance
}

function kinetic(p: Float64Array): number {
  return p.reduce((sum, one) => sum + one * one, 0) / 2
}

/** Algorithm 4: a step size that one leapfrog step accepts about half of the time. */
function firstStepSize(
  logDensity: LogDensityWithGradient,
  state: State,
  scales: Float64Array,
  random: RandomStream,
): number {
  const probe = (size: number): number => {
    const copy: State = { x: Float64Array.from(state.x), gradient: Float64Array.from(state.gradient), log: state.log }
    return trajectory(logDensity, copy, scales, size, 1, random)
  }
  let size = 0.5
  const grow = probe(size) > 0.5
  for (let turn = 0; turn < 40; turn++) {
    const next = grow ? 2 * size : size / 2
    if (probe(next) > 0.5 !== grow) return grow ? size : next
    size = next
  }
  return size
}

/** Nesterov's dual averaging as in eq. 6 with the paper's constants. */
function makeTuner(first: number, target: number) {
  const [gamma, offset, kappa] = [0.05, 10, 0.75]
  const mu = Math.log(10 * first)
  let turn = 0
  let error = 0
  let log = Math.log(first)
  let average = Math.log(first)
  return {
    current: () => Math.exp(log),
    settled: () => Math.exp(average),
    learn(acceptance: number) {
      turn++
      error += (target - acceptance - error) / (turn + offset)
      log = mu - (Math.sqrt(turn) / gamma) * error
      const weight = turn ** -kappa
      average = weight * log + (1 - weight) * average
    },
  }
}

/** Running variances (Welford), drawn a little towards one where there are few. */
function makeMoments(dim: number) {
  const mean = new Float64Array(dim)
  const squares = new Float64Array(dim)
  let count = 0
  return {
    count: () => count,
    add(x: Float64Array) {
      count++
      for (let i = 0; i < dim; i++) {
        const off = x[i] - mean[i]
        mean[i] += off / count
        squares[i] += off * (x[i] - mean[i])
      }
    },
    deviations: () => squares.map(square => Math.sqrt((square + 5e-3) / (count + 4))),
  }
}
