import { type Field, type Key, makeKey, periodicBox, UsageError, uniform, wrapPositions } from '../../core/index.js'
import {
  contract,
  type Ladder,
  makeRidgePool,
  makeRungs,
  pairBalance,
  type Rung,
  type RungOptions,
  stepDown,
  termPenalties,
  termValues,
  thetaTerms,
} from '../../generative/index.js'
import {
  type CloseBins,
  featureCount,
  type MatchedPool,
  makeForcePool,
  makeMatchedPool,
  type PairBasis,
} from '../../gnn/pairs/index.js'

/** A ladder of halo fields: the features its drifts are made of, and the ladder. Lengths in Mpc/h. */
export interface LadderModel {
  readonly basis: PairBasis
  readonly ladder: Ladder
  readonly fields: number
}

export interface FitLadderOptions {
  readonly fields: readonly Field[]
  readonly basis: PairBasis
  readonly rungs?: readonly Rung[]
  /** Ridge relative to the diagonal, at a noise level */
  readonly ridge: (sigma: number) => number
  readonly seed?: number
  readonly threads?: number
  readonly signal?: AbortSignal
  readonly onRung?: (report: RungReport) => void
}

export interface RungReport {
  readonly rung: number
  readonly sigma: number
  /** Share of the noise's variance that the drift explains, and the same of pairs within 5 Mpc/h: drawn over simulated, less 1 */
  readonly explained: number
  readonly closePairs: number
}

/** From 200 Mpc/h, where a box of 1000 keeps half of its longest waves, to .7, below the distance at which halos exclude each other. */
export const haloRungs: RungOptions = { evaluations: 31, largest: 200, smallest: 0.7, knee: 40 }

/** Close pairs are balanced within 14 Mpc/h, from the rung on where their distances are as long as its noise. */
const closeBins: CloseBins = { width: 0.25, bins: 56 }
const balanceBelow = 12
/** Of a surplus of close pairs, so much is put right on one rung: counts are noisy, and the next rung sees what is left. */
const balanceGain = 0.7
/** A pair moves by at most so much of the noise level to balance its like. */
const balanceLimit = 0.5

/**
 * Fits the drift of every rung on clouds drawn so far, one for each simulated field (see generative/ladder): moments in worker threads, a cloud a task; one
 * ridge regression over all clouds and theta terms; a step of all clouds. The same bytes whatever the thread count.
 */
export async function fitLadder(options: FitLadderOptions): Promise<LadderModel> {
  const { fields, basis, rungs = makeRungs(haloRungs), seed = 0, threads, signal } = options
  if (fields.length === 0) throw new UsageError('expected at least one field to fit a ladder on', 'got none', 'give fields')
  const key = makeKey(seed).split('ladder')
  const names = Object.keys(fields[0].theta)
  const rows = fields.map(field => names.map(name => field.theta[name]))
  const theta = thetaTerms(names, rows, undefined, 'logarithmic')
  const terms = rows.map(row => termValues(theta, row))
  const penalties = termPenalties(theta)
  const box = periodicBox(basis.box[0])
  const clouds = fields.map((field, f) => ({
    simulated: field.positions,
    drawn: Float32Array.from(uniform(key.split('start').split(f), field.points * 3), u => u * basis.box[0]),
  }))
  const matched = makeMatchedPool(basis, closeBins, { threads, signal })
  const forces = makeForcePool(basis, { threads, signal })
  const solver = makeRidgePool(1)
  const coefficients: Float64Array[] = []
  try {
    for (const [rung, step] of rungs.entries()) {
      const own = key.split(rung)
      const balance = step.sigma < balanceBelow ? await balanceOf(matched, clouds, step, own.split('count')) : undefined
      const level = { sigma: step.sigma, noises: noisesWithin(step), drift: balance?.drift }
      const moments = await Promise.all(
        clouds.map((pair, f) => matched.moments(pair, { ...level, key: own.split('noise').split(f) })),
      )
      const training = moments.map((m, f) => ({ moments: m, terms: terms[f] }))
      const fit = await solver.fit({ training, heldOut: [], penalties, ridges: [options.ridge(step.sigma)] }, signal)
      // What ships is float32; the clouds go on with what will be used.
      const ofRung = Float64Array.from(Float32Array.from(fit.coefficients))
      coefficients.push(ofRung)
      await Promise.all(
        clouds.map(async (pair, f) => {
          const drift = await forces.force(pair.drawn, step.sigma, contract(ofRung, terms[f]))
          stepDown(pair.drawn, step, drift, own.split('step').split(f))
          pair.drawn = Float32Array.from(wrapPositions(pair.drawn, box))
        }),
      )
      options.onRung?.({ rung, sigma: step.sigma, explained: fit.train, closePairs: balance?.excess ?? Number.NaN })
    }
  } finally {
    await Promise.all([matched.close(), forces.close(), solver.close()])
  }
  return { basis, fields: fields.length, ladder: { rungs, theta, features: featureCount(basis), coefficients } }
}

/** Two levels between which the drift acts, Gauss's points of the interval: the mean over them is that of the way to third order. */
function noisesWithin({ sigma, to }: Rung): number[] {
  const half = (sigma - to) / 2 / Math.sqrt(3)
  return [(sigma + to) / 2 - half, (sigma + to) / 2 + half]
}

async function balanceOf(
  pool: MatchedPool,
  clouds: readonly { readonly drawn: Float32Array; readonly simulated: Float32Array }[],
  { sigma, to }: Rung,
  key: Key,
): Promise<{ readonly drift: Float64Array; readonly excess: number }> {
  const counted = await Promise.all(clouds.map((pair, f) => pool.counts(pair, sigma, key.split(f))))
  const total = (which: 'drawn' | 'simulated') => {
    const counts = new Float64Array(closeBins.bins)
    for (const one of counted) for (let b = 0; b < counts.length; b++) counts[b] += one[which][b]
    return { width: closeBins.width, counts }
  }
  const [drawn, simulated] = [total('drawn'), total('simulated')]
  const within = (counts: Float64Array) => counts.subarray(0, 5 / closeBins.width).reduce((a, b) => a + b, 0)
  // Both ends move; a drift towards the other end is what pulls points together when it is taken off: see stepDown.
  const drift = pairBalance(drawn, simulated, balanceLimit * sigma).map(u => (balanceGain * u) / 2 / (sigma - to))
  return { drift, excess: within(drawn.counts) / within(simulated.counts) - 1 }
}
