import { type Key, normal } from '../../core/index.js'
import { logSumExp, normalisedWeights, weightedSampleSize } from '../posterior/logSumExp.js'
import { type RandomStream, randomStream } from '../posterior/randomStream.js'
import { rowsAt, systematicResample } from '../posterior/resample.js'
import { localMoves } from './localMoves.js'
import { type DrawsInZ, logNormal } from './posteriorInZ.js'

export interface TemperedOptions {
  /** particles at least; default 2000 */
  readonly particles?: number
  /** moves of every particle at each temperature; default 10 */
  readonly moves?: number
  /** moves of every particle at the end; default 20 and 10 a parameter, 80 at most */
  readonly last?: number
}

/** Every so many moves one leaps. */
const LEAP = 5

/**
 * Draws from N(z; 0, I) exp(logLikelihood(z)) by tempering from the prior: sequential Monte Carlo (Del Moral, Doucet
 * and Jasra 2006, doi:10.1111/j.1467-9868.2006.00553.x) with the next power of the likelihood where half of the
 * particles would remain and systematic resampling. Particles move by random walks with the covariance of their
 * neighbourhood, and every fifth time by the difference of two others (ter Braak 2006, doi:10.1007/s11222-006-8769-1),
 * which leaps between modes. All advance together, one call of the likelihood a move. The prior finds all modes; no
 * chain has to. A random walk with one covariance for all, or differences alone, told from the exact posterior of four
 * thin modes (slcp) in two of three draws, these do not.
 *
 * @param logLikelihood `[n]` of rows `[n, p]`, nats
 */
export async function temperedDraws(
  logLikelihood: (z: Float64Array) => Promise<Float64Array>,
  p: number,
  n: number,
  key: Key,
  { particles = 2000, moves = 10, last = Math.min(80, 20 + 10 * p) }: TemperedOptions = {},
): Promise<DrawsInZ> {
  const count = 2 * Math.ceil(Math.max(n, particles) / 2)
  const random = randomStream(key.split('moves'))
  let z: Float64Array = Float64Array.from(normal(key.split('prior'), count * p))
  let logs = await knownLogs(logLikelihood, z)
  let [power, logEvidence, acceptance, temperatures] = [0, 0, 0, 0]
  let size = 2.38 / Math.sqrt(p)
  while (power < 1) {
    const next = nextPower(logs, power)
    const increments = logs.map(log => (next - power) * log)
    logEvidence += logSumExp(increments) - Math.log(count)
    const kept = shuffled(systematicResample(normalisedWeights(increments), count, random), random)
    z = rowsAt(z, p, kept)
    logs = Float64Array.from(kept, i => logs[i])
    power = next
    temperatures++
    const local = localMoves(z, p, random)
    const rounds = power < 1 ? moves : last
    let [taken, walks] = [0, 0]
    for (let round = 1; round <= rounds; round++) {
      if (round % LEAP === 0) {
        const halves = [z.subarray(0, z.length / 2), z.subarray(z.length / 2)]
        for (const [h, half] of halves.entries()) {
          const proposals = leaps(half, halves[1 - h], p, random)
          await accept(half, logs.subarray((h * count) / 2, ((h + 1) * count) / 2), proposals)
        }
        continue
      }
      const { proposals, factors } = local.propose(z, size, random)
      const share = (await accept(z, logs, proposals, factors)) / count
      // A quarter taken is best for random walks in a few dimensions.
      size = Math.min(2.5, size * Math.exp(0.5 * (share - 0.25)))
      taken += share
      walks++
    }
    acceptance = taken / Math.max(1, walks)
  }
  const logProb = Float64Array.from({ length: n }, (_, row) => logs[row] + logNormal(z, row, p) - logEvidence)
  return {
    z: z.slice(0, n * p),
    logProb,
    diagnostics: { log_evidence: logEvidence, acceptance, temperatures },
  }

  /** Metropolis and Hastings for every row in place; how many were taken. */
  async function accept(
    rows: Float64Array,
    held: Float64Array,
    proposals: Float64Array,
    factors?: Float64Array,
  ): Promise<number> {
    const there = await knownLogs(logLikelihood, proposals)
    let taken = 0
    for (let row = 0; row < held.length; row++) {
      const gain = power * (there[row] - held[row]) + logNormal(proposals, row, p) - logNormal(rows, row, p)
      if (!(Math.log(random.uniform()) < gain + (factors ? factors[row] : 0))) continue
      rows.set(proposals.subarray(row * p, (row + 1) * p), row * p)
      held[row] = there[row]
      taken++
    }
    return taken
  }
}

/** What is no number counts as no likelihood. */
async function knownLogs(
  logLikelihood: (z: Float64Array) => Promise<Float64Array>,
  z: Float64Array,
): Promise<Float64Array> {
  return (await logLikelihood(z)).map(log => (Number.isNaN(log) ? Number.NEGATIVE_INFINITY : log))
}

/** Each row moved by the difference of two others, spread a little. */
function leaps(rows: Float64Array, others: Float64Array, p: number, random: RandomStream): Float64Array {
  const out = new Float64Array(rows.length)
  for (let row = 0; row < rows.length; row += p) {
    const a = random.integer(others.length / p) * p
    const b = random.integer(others.length / p) * p
    for (let k = 0; k < p; k++) out[row + k] = rows[row + k] + others[a + k] - others[b + k] + 1e-5 * random.normal()
  }
  return out
}

/** The largest power up to 1 at which the effective number of particles is half of them or more, by bisection. */
function nextPower(logs: Float64Array, power: number): number {
  const share = (next: number): number => {
    const weights = normalisedWeights(logs.map(log => (next - power) * log))
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

function shuffled(indices: Int32Array, random: RandomStream): Int32Array {
  for (let i = indices.length - 1; i > 0; i--) {
    const j = random.integer(i + 1)
    const held = indices[i]
    indices[i] = indices[j]
    indices[j] = held
  }
  return indices
}
