import type { Key } from '../../core/index.js'
import { type Draws, drawByLikelihood, type LikelihoodMethod, type Target } from '../../generative/posterior/index.js'
import type { DifferentiablePrior } from '../../generative/prior/index.js'

export { type Draws as RoadDraws, type LikelihoodMethod, likelihoodMethods } from '../../generative/posterior/index.js'

/** `drawByLikelihood` under its former name. */
export function walkRoad(
  method: LikelihoodMethod,
  likelihood: Target,
  prior: DifferentiablePrior,
  n: number,
  key: Key,
): Promise<Draws> {
  return drawByLikelihood({ method, likelihood, prior, n, key })
}
