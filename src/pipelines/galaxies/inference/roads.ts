import { type Key, normal } from '../../../core/index.js'
import {
  type Chains,
  effectiveSampleSize,
  equallyWeighted,
  rhat,
  sampleEnsemble,
  sampleHmc,
  sampleNested,
  sampleNuts,
  seriesOf,
} from '../../../generative/posterior/index.js'
import type { DifferentiablePrior } from '../../../generative/prior/index.js'
import { type FieldEvidence, likelihoodOf, posteriorOf } from './likelihoodTarget.js'

/** Samplers of the likelihood's posterior, by their names on the command line. */
export const likelihoodMethods = ['hmc', 'nuts', 'ensemble', 'nested'] as const
export type LikelihoodMethod = (typeof likelihoodMethods)[number]

/** Draws by one road, and what tells whether to believe them. */
export interface RoadDraws {
  /** `[n, p]` in the order of the prior's names */
  readonly theta: Float64Array
  /** `[n]` nats, up to a constant but for npe */
  readonly logProb: Float64Array
  readonly diagnostics: Readonly<Record<string, number>>
}

const chainCount = 4
const walkers = 40

/** `n` draws of theta by one sampler. */
export async function walkRoad(
  method: LikelihoodMethod,
  evidence: FieldEvidence,
  prior: DifferentiablePrior,
  n: number,
  key: Key,
): Promise<RoadDraws> {
  const dim = prior.names.length
  if (method === 'nested') {
    const run = await sampleNested(likelihoodOf(evidence, prior), key.split('nested'))
    const z = equallyWeighted(run, n, key.split('resample'))
    const logProb = await posteriorOf(evidence, prior).logDensity(z)
    const { effectiveSampleSize: ess, logZ, logZError } = run
    return {
      theta: prior.toTheta(z),
      logProb,
      diagnostics: { ess, log_evidence: logZ, log_evidence_error: logZError, insertion_p: run.insertion.p },
    }
  }
  const target = posteriorOf(evidence, prior)
  // Wide enough to tell by R-hat whether chains that began apart have met, narrow enough to begin where there is a density.
  const start = (chains: number) => Float64Array.from(normal(key.split('start'), chains * dim), x => 0.7 * x)
  const own = key.split(method)
  const chains =
    method === 'ensemble'
      ? await sampleEnsemble(target, start(walkers), own, { burnIn: 1000, length: Math.ceil(n / walkers), thin: 10 })
      : await (method === 'hmc' ? sampleHmc : sampleNuts)(target, start(chainCount), own, {
          warmUp: 600,
          length: Math.ceil(n / chainCount),
          scales: 'dense',
        })
  return {
    theta: prior.toTheta(chains.draws.subarray(0, n * dim)),
    logProb: chains.logDensity.slice(0, n),
    diagnostics: told(chains),
  }
}

function told(chains: Chains): Record<string, number> {
  const series = Array.from({ length: chains.dim }, (_, p) => seriesOf(chains, p))
  const { trajectories } = chains
  return {
    rhat: Math.max(...series.map(rhat)),
    ess: Math.min(...series.map(effectiveSampleSize)),
    acceptance: chains.acceptance,
    ...(trajectories && { divergences: trajectories.divergent.reduce((sum, one) => sum + one, 0) }),
  }
}
