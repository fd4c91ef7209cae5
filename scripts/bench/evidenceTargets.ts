import { type FromCube, pointwiseTarget, type Target, uniformPrior } from '../../generative/posterior/index.js'

/**
 * A likelihood whose evidence under a uniform prior is known; `scripts/bench/peers/dynesty_runs.py` has the same by the
 * same name.
 */
export interface EvidenceTarget {
  readonly likelihood: Target
  readonly fromCube: FromCube
  /** nats */
  readonly logZ: number
}

const logTwoPi = Math.log(2 * Math.PI)

/** Five numbers of mean 1/2 and variance 1, neighbours correlated by 0.9, in a box 20 wide. */
function gaussian(): EvidenceTarget {
  const [dim, rho] = [5, 0.9]
  const step = 1 - rho * rho
  const norm = -(dim * logTwoPi + (dim - 1) * Math.log(step)) / 2
  const likelihood = pointwiseTarget(dim, x => {
    // an autoregressive series: each number given the one before
    let square = (x[0] - 0.5) ** 2
    for (let i = 1; i < dim; i++) square += (x[i] - 0.5 - rho * (x[i - 1] - 0.5)) ** 2 / step
    return norm - square / 2
  })
  return {
    likelihood,
    fromCube: uniformPrior(new Array(dim).fill(-10), new Array(dim).fill(10)),
    logZ: -dim * Math.log(20),
  }
}

/** x0 ~ N(0, 1), x1 ~ N(x0^2, .5^2) in the box [-6, 6] x [-6, 40]. */
function banana(): EvidenceTarget {
  const norm = -logTwoPi - Math.log(0.5)
  const likelihood = pointwiseTarget(2, x => norm - (x[0] ** 2 + ((x[1] - x[0] ** 2) / 0.5) ** 2) / 2)
  return { likelihood, fromCube: uniformPrior([-6, -6], [6, 40]), logZ: -Math.log(12 * 46) }
}

export const evidenceTargets = { gaussian: gaussian(), banana: banana() } as const
