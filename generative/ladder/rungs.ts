import { UsageError } from '../../core/index.js'

/**
 * One step down a ladder of noise levels, in the positions' unit: points at noise `sigma` are carried to noise `to` by
 * the drift, then noise is added until they are at `next`: `next^2 = to^2 + noise^2`.
 */
export interface Rung {
  readonly sigma: number
  readonly to: number
  readonly next: number
  readonly noise: number
}

export interface RungOptions {
  /** Calls of the model: the number of rungs */
  readonly evaluations: number
  readonly largest: number
  readonly smallest: number
  /**
   * Between `largest` and this level, a fifth of the rungs; the rest below it, where a model explains more of the
   * noise. Default a fifth of `largest`
   */
  readonly knee?: number
  /**
   * How much of a step's variance is noise, from 0 (the probability flow) to 1 (the reverse diffusion): noise corrects
   * errors of earlier rungs, and makes the drift's step longer. Default 1/2.
   */
  readonly churn?: number
}

/** The share of the rungs above the knee. */
const above = 1 / 5

/**
 * Rungs in equal ratios above and below the knee; the last one goes to 0 without noise. With noise of the whole step a
 * drift that is right on average takes sigma to sqrt(2 next^2 - sigma^2) and noise brings it back to next; with churn c
 * the variance lies between that and next^2.
 */
export function makeRungs({ evaluations, largest, smallest, knee = largest / 5, churn = 0.5 }: RungOptions): Rung[] {
  if (!(Number.isInteger(evaluations) && evaluations >= 3))
    throw new UsageError('expected a whole number of evaluations, at least 3', `got ${evaluations}`, 'take more')
  if (!(smallest > 0 && smallest < knee && knee < largest))
    throw new UsageError(
      'expected 0 < smallest < knee < largest noise level',
      `got ${smallest}, ${knee} and ${largest}`,
      'change one of them',
    )
  const top = Math.max(1, Math.round(above * evaluations))
  const below = evaluations - top
  const levels = [
    ...Array.from({ length: top }, (_, i) => largest * (knee / largest) ** (i / top)),
    ...Array.from({ length: below }, (_, i) => knee * (smallest / knee) ** (i / (below - 1))),
  ]
  return levels.map((sigma, i) => {
    const next = levels[i + 1] ?? 0
    if (next === 0) return { sigma, to: 0, next, noise: 0 }
    const variance = next ** 2 + churn * (next ** 2 - sigma ** 2)
    const to = Math.sqrt(Math.max(variance, (next / 2) ** 2))
    return { sigma, to, next, noise: Math.sqrt(next ** 2 - to ** 2) }
  })
}
