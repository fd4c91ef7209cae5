import type { Key } from '../../../core/index.js'
import { randomStream } from '../randomStream.js'
import { weightedMean } from '../weightedDraws.js'
import { normalisedWeights } from '../weights.js'
import type { NestedRun } from './nestedRun.js'
import { drawnLogVolumes, logParts } from './volumes.js'

/**
 * The posterior mean of f and its standard error: that of the number of draws, and that of volumes that are only known
 * as numbers of points give them (Skilling 2006, section 4, by volumes drawn anew). The second is the larger one where
 * the posterior is broad in ln(volume), as that of a funnel is.
 */
export function nestedExpectation(
  run: NestedRun,
  f: (x: Float64Array) => number,
  key: Key,
  rounds = 30,
): { readonly mean: number; readonly error: number } {
  const random = randomStream(key)
  const { dim, draws } = run
  const values = run.weights.map((_, i) => f(draws.subarray(i * dim, (i + 1) * dim)))
  const meanUnder = (weights: Float64Array) => weights.reduce((sum, w, i) => (w > 0 ? sum + w * values[i] : sum), 0)
  const mean = meanUnder(run.weights)
  const spread = weightedMean(run, x => (f(x) - mean) ** 2)
  let square = 0
  for (let round = 0; round < rounds; round++) {
    const weights = normalisedWeights(logParts(run.logLikelihood, drawnLogVolumes(run, random)))
    square += (meanUnder(weights) - mean) ** 2 / rounds
  }
  return { mean, error: Math.sqrt(spread / run.effectiveSampleSize + square) }
}
