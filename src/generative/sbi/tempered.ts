import { type Key, normal } from '../../core/index.js'
import { normalisedWeights, weightedSampleSize } from '../posterior/logSumExp.js'
import { type RandomStream, randomStream } from '../posterior/randomStream.js'
import { rowsAt, systematicResample } from '../posterior/resample.js'
import { type DrawsInZ, logNormal } from './posteriorInZ.js'

export interface TemperedOptions {
  /** particles at least; default 2000 */
  readonly particles?: number
  /** moves of every particle at each temperature; default 6 */
  readonly moves?: number
  /** moves of every particle at the end; default 30 */
  readonly last?: number
}

/**
 * Draws from N(z; 0, I) exp(logLikelihood(z)) by tempering from the prior: sequential Monte Carlo (Del Moral, Doucet and Jasra 2006,
 * doi:10.1111/j.1467-9868.2006.00553.x) with the next power of the likelihood where half of the particles would remain, systematic resampling, and moves
 * by differences of other particles (ter Braak 2006, doi:10.1007/s11222-006-8769-1), which know the widths of every mode and leap between them. All particles
 * advance together, one call of the likelihood a half of them. The prior finds all modes; no chain has to.
 *
 * @param logLikelihood `[n]` of rows `[n, p]`, nats
 */
export async function temperedDraws(
  logLikelihood: (z: Float64Array) => Promise<Float64Array>,
  p: number,
  n: number,
  key: Key,
  { particles = 2000, moves = 6, last = 30 }: TemperedOptions = {},
): Promise<DrawsInZ> {
  const count = 2 * Math.ceil(Math.max(n, particles) / 2)
  const random = randomStream(key.split('moves'))
  let z: Float64Array = Float64Array.from(normal(key.split('prior'), count * p))
  let logs: Float64Array = await logLikelihood(z)
  let power = 0
  let logEvidence = 0
  let accepted = 0
  let temperatures = 0
  let [firstHalf, secondHalf] = [halfOf(count, 0), halfOf(count, 1)]
  while (power < 1) {
    const next = nextPower(logs, power)
    const increments = logs.map(log => (Number.isNaN(log) ? Number.NEGATIVE_INFINITY : (next - power) * log))
    const most = increments.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
    logEvidence += most + Math.log(increments.reduce((sum, log) => sum + Math.exp(log - most), 0) / count)
    const kept = shuffled(systematicResample(normalisedWeights(increments), count, random), random)
    z = rowsAt(z, p, kept)
    logs = Float64Array.from(kept, i => logs[i])
    power = next
    temperatures++
    const rounds = power < 1 ? moves : last
    accepted = 0
    for (let round = 0; round < rounds; round++) {
      for (const half of [firstHalf, secondHalf]) {
        const proposals = proposed(z, p, half, half === firstHalf ? secondHalf : firstHalf, random)
        const there = await logLikelihood(proposals)
        for (const [i, row] of half.entries()) {
          const gain = power * (there[i] - logs[row]) + logNormal(proposals, i, p) - logNormal(z, row, p)
          // NaN compares as false and is refused
          if (!(Math.log(random.uniform()) < gain)) continue
          z.set(proposals.subarray(i * p, (i + 1) * p), row * p)
          logs[row] = there[i]
          accepted++
        }
      }
    }
    accepted /= rounds * count
    ;[firstHalf, secondHalf] = [halfOf(count, 0), halfOf(count, 1)]
  }
  const logProb = Float64Array.from({ length: n }, (_, row) => logs[row] + logNormal(z, row, p) - logEvidence)
  return {
    z: z.slice(0, n * p),
    logProb,
    normalised: true,
    diagnostics: { log_evidence: logEvidence, acceptance: accepted, temperatures },
  }
}

const halfOf = (count: number, which: number): Int32Array =>
  Int32Array.from({ length: count / 2 }, (_, i) => i + (which * count) / 2)

/** The largest power up to 1 at which the effective number of particles is half of them or more, by bisection. */
function nextPower(logs: Float64Array, power: number): number {
  const share = (next: number): number => {
    const weights = normalisedWeights(logs.map(log => (Number.isNaN(log) ? Number.NEGATIVE_INFINITY : (next - power) * log)))
    return weightedSampleSize(weights) / logs.length
  }
  if (share(1) >= 0.5) return 1
  let [low, high] = [power, 1]
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2
    if (share(middle) >= 0.5) low = middle
    else high = middle
  }
  return low > power ? low : high
}

/** Each of `half` moved by a difference of two others: 2.38 / sqrt(2 p) of it, or one time in ten the whole, spread a little. */
function proposed(z: Float64Array, p: number, half: Int32Array, others: Int32Array, random: RandomStream): Float64Array {
  const out = new Float64Array(half.length * p)
  for (const [i, row] of half.entries()) {
    const a = others[random.integer(others.length)] * p
    const b = others[random.integer(others.length)] * p
    const size = random.uniform() < 0.1 ? 1 : (2.38 / Math.sqrt(2 * p)) * (0.3 + 0.9 * random.uniform())
    for (let k = 0; k < p; k++) out[i * p + k] = z[row * p + k] + size * (z[a + k] - z[b + k]) + 1e-5 * random.normal()
  }
  return out
}

function shuffled(indices: Int32Array, random: RandomStream): Int32Array {
  for (let i = indices.length - 1; i > 0; i--) {
    const j = random.integer(i + 1)
    const held = indices[i]
    indices[i] = indices[j]
    indices[j] = held
  }
  return indices
}
