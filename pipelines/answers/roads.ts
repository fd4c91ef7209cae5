import { type Key, normal } from '../../core/index.js'
import {
  type Chains,
  defensive,
  diagnose,
  equallyWeighted,
  fitGaussian,
  inNormalCoordinates,
  judge,
  posteriorTarget,
  reweigh,
  sampleEnsemble,
  sampleHmc,
  sampleNested,
  sampleNuts,
  type Target,
} from '../../generative/posterior/index.js'
import type { DifferentiablePrior } from '../../generative/prior/index.js'
import { independentDiagnostics } from './independentDraws.js'

/** Ways from a likelihood to draws of its posterior, by their names on the command line. */
export const likelihoodMethods = ['hmc', 'nuts', 'ensemble', 'nested', 'vi'] as const
export type LikelihoodMethod = (typeof likelihoodMethods)[number]

/** Draws by one road, and what tells whether to believe them. */
export interface RoadDraws {
  /** `[n, p]` in the order of the prior's names */
  readonly theta: Float64Array
  /** `[n]` nats, up to a constant but for npe */
  readonly logProb: Float64Array
  /**
   * `rhat`, `ess`, `acceptance` (of moves; of nested sampling points kept over points tried; of `vi` what a proposed
   * draw is worth), and what the method tells besides
   */
  readonly diagnostics: Readonly<Record<string, number>>
  /** one sentence each */
  readonly problems: readonly string[]
}

const chainCount = 4
const walkers = 40
/** Correlation of a new point with the one it was walked from, beyond which it is not new. */
const MEMORY = 0.3

/**
 * `n` draws of theta by one method, in the standard normal coordinates of the prior. Those of `vi` are draws about a
 * full-rank Gaussian, resampled by their Pareto-smoothed weights (Yao et al. 2018, arXiv 1802.02538): where k is low
 * they are exact, as far as `ess` goes.
 *
 * @param likelihood over theta, with its gradient (but for `ensemble` and `nested`)
 */
export async function walkRoad(
  method: LikelihoodMethod,
  likelihood: Target,
  prior: DifferentiablePrior,
  n: number,
  key: Key,
): Promise<RoadDraws> {
  const target = posteriorTarget(prior, likelihood)
  const own = key.split(method)
  if (method === 'nested') {
    const run = await sampleNested(inNormalCoordinates(likelihood, prior), own)
    const { effectiveSampleSize: ess, logZ, logZError, insertion, weights, evaluations } = run
    const drawn = await drawnAt(target, prior, equallyWeighted(run, n, own.split('resample')))
    const { rhat } = independentDiagnostics(drawn.theta, target.dim)
    return {
      ...drawn,
      diagnostics: {
        rhat,
        ess,
        acceptance: weights.length / evaluations,
        log_evidence: logZ,
        log_evidence_error: logZError,
        insertion_p: insertion.p,
      },
      problems:
        insertion.p < 0.01 || insertion.memory > MEMORY
          ? ['Points above a constraint were not drawn as the prior has them: the evidence may be off.']
          : [],
    }
  }
  if (method === 'vi') {
    const { fit } = await fitGaussian(target, own, { kind: 'full-rank' })
    const { elbo, elboError } = await judge(target, fit, 2000, own.split('judge'))
    const { rows: proposed, logProb } = await defensive(fit).draw(2 * n, own.split('draw'))
    const run = await reweigh(target, proposed, logProb)
    const { paretoK, reliable, logZ, logZError, effectiveSampleSize } = run
    const drawn = await drawnAt(target, prior, equallyWeighted(run, n, own.split('resample')))
    return {
      ...drawn,
      diagnostics: {
        rhat: independentDiagnostics(drawn.theta, target.dim).rhat,
        ess: Math.min(n, effectiveSampleSize),
        acceptance: effectiveSampleSize / (2 * n),
        elbo,
        elbo_error: elboError,
        pareto_k: paretoK,
        log_evidence: logZ,
        log_evidence_error: logZError,
      },
      problems: reliable
        ? []
        : [
            `Pareto's k is ${paretoK.toFixed(2)}: the posterior is not close to a Gaussian in z, and weights do not mend that.`,
          ],
    }
  }
  // Wide enough to tell by R-hat whether chains that began apart have met, narrow enough to begin where there is a
  // density.
  const start = (chains: number) => Float64Array.from(normal(own.split('start'), chains * target.dim), x => 0.7 * x)
  const chains =
    method === 'ensemble'
      ? await sampleEnsemble(target, start(walkers), own, {
          burnIn: 1000,
          length: Math.ceil(n / walkers),
          // stretch moves forget the slower the more parameters there are
          thin: 10 * target.dim,
        })
      : await (method === 'hmc' ? sampleHmc : sampleNuts)(target, start(chainCount), own, {
          warmUp: 600,
          length: Math.ceil(n / chainCount),
          scales: 'dense',
        })
  return {
    theta: prior.toTheta(chains.draws.slice(0, n * target.dim)),
    logProb: chains.logDensity.slice(0, n),
    ...told(chains, prior.names),
  }
}

function told(chains: Chains, names: readonly string[]): Pick<RoadDraws, 'diagnostics' | 'problems'> {
  const { rhat, bulk, divergences, problems } = diagnose(chains, { names })
  return {
    diagnostics: { rhat, ess: bulk, acceptance: chains.acceptance, ...(chains.trajectories && { divergences }) },
    problems,
  }
}

async function drawnAt(target: Target, prior: DifferentiablePrior, z: Float64Array) {
  return { theta: prior.toTheta(z), logProb: await target.logDensity(z) }
}
