import { makeKey, periodicBox, UsageError, uniform, wrapPositions } from '../../core/index.js'
import {
  type Ladder,
  makeRungs,
  pairBalance,
  type Rung,
  type RungOptions,
  stepDown,
} from '../../generative/ladder/index.js'
import { contract, makeRidgePool, termPenalties, termValues, thetaTerms } from '../../generative/pairs/index.js'
import {
  type CloseBins,
  featureCount,
  type MatchedCounts,
  makeForcePool,
  makeMatchedPool,
  type PairBasis,
} from '../../gnn/pairs/index.js'
import type { Field } from '../../io/galaxies/field.js'

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
  /** Share of the noise's variance that the drift explains */
  readonly explained: number
  /** Pairs within 5 Mpc/h after the last trial, drawn over simulated, less 1 */
  readonly closePairs: number
}

/**
 * From 200 Mpc/h, where a box of 1000 keeps half of its longest waves, to .7, below the distance at which halos exclude
 * each other.
 */
export const haloRungs: RungOptions = { evaluations: 31, largest: 200, smallest: 0.7, knee: 40 }

/**
 * Pairs are balanced within 120 Mpc/h, or a quarter of the box, from the rung on where steps are long beside such
 * distances.
 */
const balanceReach = 120
const binWidth = 0.25
const balanceBelow = 100
/** Below this level halos exclude each other within a step's length: what one trial taught is tried again. */
const twiceBelow = 3
/** Pairs within 3 Mpc/h are so few that their drift would be fitted to each of them: see `fitRidge`. */
const ridgeFloor = 0.003
/** A pair moves by at most so much of the noise level to balance its like. */
const balanceLimit = 0.5

/**
 * Fits the drift of every rung on clouds drawn so far, one for each simulated field (see generative/ladder): moments in
 * worker threads, a cloud a task; one ridge regression over all clouds and theta terms; a step of all clouds. The same
 * bytes whatever the thread count.
 */
export async function fitLadder(options: FitLadderOptions): Promise<LadderModel> {
  const { fields, basis, rungs = makeRungs(haloRungs), seed = 0, threads, signal } = options
  if (fields.length === 0)
    throw new UsageError('expected at least one field to fit a ladder on', 'got none', 'give fields')
  const key = makeKey(seed).split('ladder')
  const names = Object.keys(fields[0].theta)
  const rows = fields.map(field => names.map(name => field.theta[name]))
  const theta = thetaTerms(names, rows, undefined, 'logarithmic')
  const terms = rows.map(row => termValues(theta, row))
  const penalties = termPenalties(theta)
  const linear = terms.map(values => [...values].filter((_, k) => theta.terms[k].length <= 1))
  const side = basis.box[0]
  const box = periodicBox(side)
  const clouds: { readonly simulated: Float32Array; drawn: Float32Array }[] = fields.map((field, f) => ({
    simulated: field.positions,
    drawn: uniform(key.split('start').split(f), field.points * 3).map(u => u * side),
  }))
  const closeBins: CloseBins = { width: binWidth, bins: Math.floor(Math.min(balanceReach, side / 4) / binWidth) }
  const uniformPairs = fields.map(({ points }) => (points * (points - 1)) / side ** 3)
  const matched = makeMatchedPool(basis, closeBins, { threads, signal })
  const forces = makeForcePool(basis, { threads, signal })
  const solver = makeRidgePool(1)
  const coefficients: Float64Array[] = []
  try {
    for (const [rung, step] of rungs.entries()) {
      const own = key.split(rung)
      const level = { sigma: step.sigma, noises: noisesWithin(step) }
      const moments = await Promise.all(
        clouds.map((pair, f) => matched.moments(pair, { ...level, key: own.split('noise').split(f) })),
      )
      const training = moments.map((m, f) => ({ moments: m, terms: terms[f] }))
      const ridges = [options.ridge(step.sigma)]
      const solve = async () => {
        const fit = await solver.fit({ training, heldOut: [], penalties, ridges, floor: ridgeFloor }, signal)
        // What ships is float32; the clouds go on with what will be used.
        return { ofRung: Float64Array.from(Float32Array.from(fit.coefficients)), explained: fit.train }
      }
      /** All clouds a rung down, by the drift that the moments now give. */
      const take = async () => {
        const { ofRung, explained } = await solve()
        const next = await Promise.all(
          clouds.map(async ({ drawn }, f) => {
            const below = drawn.slice()
            stepDown(
              below,
              step,
              await forces.force(drawn, step.sigma, contract(ofRung, terms[f])),
              own.split('step').split(f),
            )
            return wrapPositions(below, box)
          }),
        )
        return { ofRung, explained, next }
      }
      let taken = await take()
      let closePairs = Number.NaN
      // Steps so far were trials: what pairs they leave too many or too few goes into the flow of the next, with the
      // same noise.
      const trials = step.sigma < twiceBelow ? 2 : step.sigma < balanceBelow ? 1 : 0
      for (let trial = 0; trial < trials; trial++) {
        const found = await Promise.all(
          clouds.map(({ simulated }, f) =>
            matched.counts({ drawn: taken.next[f], simulated }, step.next, own.split('count').split(f)),
          ),
        )
        closePairs = excessWithin(5, found)
        const apart = pairBalance(found, {
          width: binWidth,
          uniform: uniformPairs,
          terms: linear,
          most: balanceLimit * step.sigma,
        })
        await Promise.all(
          clouds.map(async (pair, f) => {
            // Both ends move; a drift towards the other end is what pushes points apart when it is taken off: see
            // stepDown.
            const drift = apart[f].map(u => u / 2 / (step.sigma - step.to))
            const flow = await matched.flow(pair, step.sigma, drift)
            const { packed } = moments[f]
            for (let k = 0; k < flow.length; k++) packed[packed.length - 1 - flow.length + k] += flow[k]
          }),
        )
        taken = await take()
      }
      clouds.forEach((pair, f) => {
        pair.drawn = taken.next[f]
      })
      coefficients.push(taken.ofRung)
      options.onRung?.({ rung, sigma: step.sigma, explained: taken.explained, closePairs })
    }
  } finally {
    await Promise.all([matched.close(), forces.close(), solver.close()])
  }
  return { basis, fields: fields.length, ladder: { rungs, theta, features: featureCount(basis), coefficients } }
}

/**
 * Two levels between which the drift acts, Gauss's points of the interval: the mean over them is that of the way to
 * third order.
 */
function noisesWithin({ sigma, to }: Rung): number[] {
  const half = (sigma - to) / 2 / Math.sqrt(3)
  return [(sigma + to) / 2 - half, (sigma + to) / 2 + half]
}

/** Pairs within r Mpc/h, drawn over simulated, less 1. */
function excessWithin(r: number, counts: readonly MatchedCounts[]): number {
  const sum = (which: 'drawn' | 'simulated') =>
    counts.reduce((total, one) => total + one[which].subarray(0, r / binWidth).reduce((a, b) => a + b, 0), 0)
  return sum('drawn') / sum('simulated') - 1
}
