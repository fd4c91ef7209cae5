import { type Key, normal, type Posterior, UsageError, uniform } from '../../core/index.js'
import { type MethodName, methods } from './methodNames.js'

/** Where the next round simulates. */
export interface Proposals {
  /** `[n, p]` standard normal coordinates */
  readonly z: Float64Array
  /** share of the prior that the round keeps; 1 where it does not truncate */
  readonly kept: number
}

export interface RoundOptions<O> {
  readonly posterior: Posterior<O>
  readonly observation: O
  /** parameters to propose */
  readonly n: number
  readonly key: Key
  /** posterior mass that may be lost at the edge; default 1e-4 */
  readonly epsilon?: number
  /** draws of the posterior that tell the edge; default 10,000 */
  readonly draws?: number
}

/** Draws of the prior looked at in a pass, and passes before the edge is filled from within instead. */
const passRows = 10_000
const mostPasses = 60
/** Draws of the posterior that one proposal is chosen from, from within. */
const group = 32

/**
 * Parameters of the next round around one observation. Learned posteriors (npe, fmpe, npse) want proposals that are the
 * prior within some region, and then need no correction: `truncatedPrior`. Learned likelihoods and ratios are right up
 * to a factor of x under every proposal, and take draws of their posterior (Papamakarios, Sterratt and Murray 2019,
 * arXiv 1805.07226, algorithm 1; Hermans, Begy and Louppe 2020, arXiv 1903.04057).
 *
 * Train anew on all rounds together.
 */
export async function nextRound<O>(
  method: MethodName,
  { posterior, observation, n, key, ...options }: RoundOptions<O>,
): Promise<Proposals> {
  if (methods[method].rounds === 'truncated prior')
    return truncatedPrior({ posterior, observation, n, key, ...options })
  const { theta } = await posterior.draw(observation, n, key)
  return { z: posterior.parameters.prior.toNormal(theta), kept: 1 }
}

/**
 * The prior where the posterior of x is not negligible: TSNPE, Deistler, Goncalves and Macke 2022, arXiv 2210.04815,
 * algorithm 1. The region is where the posterior exceeds the prior by more than it does at all but a share epsilon of
 * its draws, which of all regions with that posterior mass keeps the least of the prior. Draws by rejection from the
 * prior; where that takes too many, by resampling draws of the posterior with the weights prior / posterior (their
 * appendix 6.3).
 *
 * @throws UsageError for a posterior without densities
 */
export async function truncatedPrior<O>(options: RoundOptions<O>): Promise<Proposals> {
  const { posterior, observation, n, key, epsilon = 1e-4, draws = 10_000 } = options
  const { prior } = posterior.parameters
  const p = prior.names.length
  const gainOf = gainFor(posterior, observation)
  const drawn = await posterior.draw(observation, draws, key.split('edge'))
  const gains = Float64Array.from(await gainOf(drawn.theta)).sort()
  const edge = gains[Math.floor(epsilon * draws)]

  const z = new Float64Array(n * p)
  let [found, looked] = [0, 0]
  for (let pass = 0; pass < mostPasses && found < n; pass++) {
    const candidates = Float64Array.from(normal(key.split('prior').split(pass), passRows * p))
    const gain = await gainOf(prior.toTheta(candidates))
    for (let row = 0; row < passRows && found < n; row++) {
      looked++
      if (gain[row] >= edge) z.set(candidates.subarray(row * p, (row + 1) * p), found++ * p)
    }
    // As many passes again would not do: fill the rest from within.
    if (pass === 2 && (found / looked) * passRows * mostPasses < n) break
  }
  const kept = found / looked
  if (found < n) await fillFromWithin(z, found)
  return { z, kept }

  async function fillFromWithin(z: Float64Array, first: number): Promise<void> {
    const missing = n - first
    const { theta } = await posterior.draw(observation, missing * group, key.split('within'))
    const gain = await gainOf(theta)
    const inside = prior.toNormal(theta)
    const choice = uniform(key.split('choice'), missing)
    for (let i = 0; i < missing; i++) {
      // The weight of a draw is prior / posterior within the region, scaled by that at the edge, and 0 outside.
      const weights = Array.from(gain.subarray(i * group, (i + 1) * group), g => (g >= edge ? Math.exp(edge - g) : 0))
      const total = weights.reduce((sum, w) => sum + w, 0)
      let left = choice[i] * total
      let at = weights.findIndex(w => {
        left -= w
        return left < 0
      })
      if (at < 0) at = 0
      const from = (i * group + at) * p
      z.set(inside.subarray(from, from + p), (first + i) * p)
    }
  }
}

/** log posterior - log prior of theta. */
function gainFor<O>(
  { logProb, parameters: { prior } }: Posterior<O>,
  observation: O,
): (theta: Float64Array) => Promise<Float64Array> {
  if (!logProb) {
    throw new UsageError(
      'expected a posterior with densities for truncated proposals',
      'got one without',
      "take npe, fmpe or npse, or 'nextRound' with the method's name",
    )
  }
  return async theta => {
    const [own, logPrior] = [await logProb(observation, theta), prior.logProb(theta)]
    return own.map((log, row) => (Number.isFinite(log) ? log - logPrior[row] : Number.NEGATIVE_INFINITY))
  }
}
