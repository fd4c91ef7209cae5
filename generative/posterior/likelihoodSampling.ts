import { type Key, normal, UsageError } from '../../core/index.js'
import type { DifferentiablePrior } from '../prior/prior.js'
import type { Chains } from './chains.js'
import { diagnose } from './diagnose.js'
import type { Draws } from './draws.js'
import { sampleEnsemble } from './ensemble.js'
import { sampleHmc } from './hmc.js'
import { reweigh } from './importance/importance.js'
import { independentDiagnostics } from './independentDiagnostics.js'
import { mostMemory, sampleNested } from './nested/sampleNested.js'
import { inNormalCoordinates } from './normalCoordinates.js'
import { sampleNuts } from './nuts.js'
import { posteriorTarget } from './posteriorTarget.js'
import { type LikelihoodMethod, likelihoodSamplers } from './samplerNames.js'
import type { Target } from './target.js'
import { judge } from './variational/approximation.js'
import { defensive } from './variational/defensive.js'
import { fitGaussian } from './variational/fitGaussian.js'
import { equallyWeighted, type WeightedDraws } from './weightedDraws.js'

/** What is to be drawn, and by which method. */
export interface LikelihoodRequest {
  readonly method: LikelihoodMethod
  /** log-likelihood over theta, nats; with a gradient where the method needs one */
  readonly likelihood: Target
  readonly prior: DifferentiablePrior
  readonly n: number
  readonly key: Key
}

/**
 * `n` draws of theta by one method, in the standard normal coordinates of the prior, with settings that suit a few
 * parameters. `acceptance` is of moves, for `nested` points kept over points tried, for `vi` what a proposed draw is
 * worth. Draws by `vi` are draws about a full-rank Gaussian, resampled by their Pareto-smoothed weights (Yao et al.
 * 2018, arXiv 1802.02538): where Pareto's k is low they are exact, as far as `ess` goes.
 *
 *     const prior = productPrior({ omega_m: { uniform: [0.1, 0.5] }, sigma_8: { normal: [0.8, 0.1] } })
 *     const likelihood = pointwiseTarget(2, logLikelihood, logLikelihoodWithGradient)
 *     const request = { method: 'nuts', likelihood, prior, n: 4000, key: makeKey(0) } as const
 *     const { theta, problems } = await drawByLikelihood(request)
 *     if (problems.length > 0) print(problems.join(' '))
 *
 * @throws UsageError for a likelihood without gradient where the method needs one
 */
export async function drawByLikelihood(request: LikelihoodRequest): Promise<Draws> {
  const { method, likelihood, prior, n, key } = request
  if (likelihoodSamplers[method].needsGradient && !likelihood.withGradient) {
    const others = Object.entries(likelihoodSamplers).flatMap(([name, of]) => (of.needsGradient ? [] : [name]))
    throw new UsageError(
      `expected a likelihood with a gradient for ${method}`,
      'got one without',
      `give \`withGradient\`, or draw by ${others.join(' or ')}`,
    )
  }
  const target = posteriorTarget(prior, likelihood)
  return drawers[method]({ likelihood, prior, target, n, key: key.split(method) })
}

interface Drawing {
  readonly likelihood: Target
  readonly prior: DifferentiablePrior
  /** the posterior over the prior's normal coordinates */
  readonly target: Target
  readonly n: number
  readonly key: Key
}

const chainCount = 4
const walkerCount = 40

const drawers: Readonly<Record<LikelihoodMethod, (drawing: Drawing) => Promise<Draws>>> = {
  hmc: drawing => byTrajectories(sampleHmc, drawing),
  nuts: drawing => byTrajectories(sampleNuts, drawing),
  ensemble: byEnsemble,
  nested: byNested,
  vi: byVariation,
}

async function byTrajectories(
  sample: (
    target: Target,
    start: Float64Array,
    key: Key,
    options: { readonly warmUp: number; readonly length: number; readonly scales: 'dense' },
  ) => Promise<Chains>,
  drawing: Drawing,
): Promise<Draws> {
  const length = Math.ceil(drawing.n / chainCount)
  const options = { warmUp: 600, length, scales: 'dense' } as const
  return drawsOf(await sample(drawing.target, startOf(drawing, chainCount), drawing.key, options), drawing)
}

async function byEnsemble(drawing: Drawing): Promise<Draws> {
  const { target, n, key } = drawing
  const chains = await sampleEnsemble(target, startOf(drawing, walkerCount), key, {
    burnIn: 1000,
    length: Math.ceil(n / walkerCount),
    // Stretch moves forget the more slowly the more parameters there are.
    thin: 10 * target.dim,
  })
  return drawsOf(chains, drawing)
}

async function byNested(drawing: Drawing): Promise<Draws> {
  const { likelihood, prior, key } = drawing
  const run = await sampleNested(inNormalCoordinates(likelihood, prior), key)
  const { effectiveSampleSize: ess, logZ, logZError, insertion, weights, evaluations } = run
  const drawn = await resampled(run, drawing)
  return {
    ...drawn,
    diagnostics: {
      rhat: drawn.diagnostics.rhat,
      ess,
      acceptance: weights.length / evaluations,
      log_evidence: logZ,
      log_evidence_error: logZError,
      insertion_p: insertion.p,
    },
    problems: [
      ...(insertion.p < 0.01 || insertion.memory > mostMemory
        ? ['Points above a constraint were not drawn as the prior has them: the evidence may be off.']
        : []),
      ...drawn.problems,
    ],
  }
}

async function byVariation(drawing: Drawing): Promise<Draws> {
  const { target, n, key } = drawing
  const { fit } = await fitGaussian(target, key, { kind: 'full-rank' })
  const { elbo, elboError } = await judge(target, fit, 2000, key.split('judge'))
  const proposed = await defensive(fit).draw(2 * n, key.split('draw'))
  const run = await reweigh(target, proposed.rows, proposed.logProb)
  const { paretoK, reliable, logZ, logZError, effectiveSampleSize } = run
  const drawn = await resampled(run, drawing)
  const unreliable =
    `Pareto's k is ${paretoK.toFixed(2)}: the posterior is not close to a Gaussian in z, ` +
    'and weights do not mend that.'
  return {
    ...drawn,
    diagnostics: {
      rhat: drawn.diagnostics.rhat,
      ess: Math.min(n, effectiveSampleSize),
      acceptance: effectiveSampleSize / (2 * n),
      elbo,
      elbo_error: elboError,
      pareto_k: paretoK,
      log_evidence: logZ,
      log_evidence_error: logZError,
    },
    problems: [...(reliable ? [] : [unreliable]), ...drawn.problems],
  }
}

/**
 * Where chains begin: wide enough that R-hat tells whether chains that began apart have met, narrow enough that there
 * is a density.
 */
function startOf({ target, key }: Drawing, chains: number): Float64Array {
  return Float64Array.from(normal(key.split('start'), chains * target.dim), z => 0.7 * z)
}

function drawsOf(chains: Chains, { prior, target, n }: Drawing): Draws {
  const { rhat, bulk, divergences, problems } = diagnose(chains, { names: prior.names })
  return {
    theta: prior.toTheta(chains.draws.slice(0, n * target.dim)),
    logProb: chains.logDensity.slice(0, n),
    diagnostics: { rhat, ess: bulk, acceptance: chains.acceptance, ...(chains.trajectories && { divergences }) },
    problems,
  }
}

type Resampled = Pick<Draws, 'theta' | 'logProb' | 'problems'> & { readonly diagnostics: { readonly rhat: number } }

async function resampled(run: WeightedDraws, { target, prior, n, key }: Drawing): Promise<Resampled> {
  const z = equallyWeighted(run, n, key.split('resample'))
  const theta = prior.toTheta(z)
  return {
    theta,
    logProb: await target.logDensity(z),
    diagnostics: independentDiagnostics(theta, target.dim),
    problems: theta.some(Number.isNaN) ? ['Some draws are NaN: look at the likelihood where they lie.'] : [],
  }
}
