import { type Key, WorkError } from '../../../core/index.js'
import {
  type Chains,
  effectiveSampleSize,
  type LogDensity,
  pointwiseTarget,
  randomStream,
  rhat,
  sampleEnsemble,
} from '../../../generative/posterior/index.js'
import type { Dwarf } from '../../../io/dwarfs/dwarf.js'
import { type DwarfPrior, dwarfNames, fromUnitCube } from '../../../simulators/dwarfs/index.js'
import { type JeansLikelihoodOptions, jeansLikelihood } from './likelihood.js'

export interface JeansOptions extends JeansLikelihoodOptions {
  /** ensembles that know nothing of each other; default 2 */
  readonly ensembles?: number
  /** in each ensemble; default 32 */
  readonly walkers?: number
  /** steps before the first that counts; default 500 */
  readonly burnIn?: number
  /** steps that count; default 3,000 */
  readonly steps?: number
  /** about how many draws to hand back, evenly out of all; default 2,000 */
  readonly draws?: number
}

/** Draws of theta given the stars of one galaxy, and whether they can be believed. */
export interface JeansPosterior {
  readonly count: number
  /** `[count, 6]` in the order of `dwarfNames` */
  readonly draws: Float64Array
  /** `[count]` log of the posterior in the coordinates where the prior is flat, up to a constant */
  readonly logProb: Float64Array
  /**
   * `[6]` rank-normalised split R-hat with every walker a chain of its own: stricter than between ensembles, and a few
   * percent above 1 by length alone
   */
  readonly rhat: Float64Array
  /** `[6]` bulk effective sample size of the whole chains */
  readonly ess: Float64Array
  readonly acceptance: number
}

/** Steps between draws that the diagnostics look at. */
const thin = 5

/**
 * The Jeans analysis of one galaxy: `jeansLikelihood` sampled by independent ensembles from over-dispersed starts, all
 * on this thread. About 3 s for 100 stars.
 *
 * @throws DataError where no star belongs to the galaxy, WorkError where the prior has no place that the stars allow
 */
export async function jeansPosterior(
  dwarf: Dwarf,
  prior: DwarfPrior,
  key: Key,
  options: JeansOptions = {},
): Promise<JeansPosterior> {
  const { ensembles = 2, walkers = 32, burnIn = 500, steps = 3000, draws = 2000 } = options
  const { logDensity, dim } = jeansLikelihood(dwarf, prior, options)
  const length = Math.ceil(steps / thin)
  const target = pointwiseTarget(dim, logDensity)
  const runs: Chains[] = []
  for (let i = 0; i < ensembles; i++) {
    const own = key.split(`ensemble ${i}`)
    const start = overDispersed(logDensity, dim, walkers, own.split('start'))
    runs.push(await sampleEnsemble(target, start, own.split('walk'), { burnIn, length, thin }))
  }
  const theta = runs.map(run => toTheta(run, prior))
  const parameters = dwarfNames.length
  const series = (parameter: number): Float64Array[] =>
    theta.flatMap(one =>
      Array.from({ length: walkers }, (_, walker) =>
        Float64Array.from({ length }, (_, step) => one[(step * walkers + walker) * parameters + parameter]),
      ),
    )
  const every = Math.max(1, Math.floor((ensembles * walkers * length) / draws))
  const kept = Math.floor((walkers * length) / every)
  const out = new Float64Array(ensembles * kept * parameters)
  const logProb = new Float64Array(ensembles * kept)
  for (const [e, run] of runs.entries()) {
    for (let i = 0; i < kept; i++) {
      const row = e * kept + i
      const from = (i + 1) * every - 1
      out.set(theta[e].subarray(from * parameters, (from + 1) * parameters), row * parameters)
      logProb[row] = run.logDensity[from]
    }
  }
  return {
    count: ensembles * kept,
    draws: out,
    logProb,
    rhat: Float64Array.from(dwarfNames, (_, p) => rhat(series(p))),
    ess: Float64Array.from(dwarfNames, (_, p) => effectiveSampleSize(series(p))),
    acceptance: runs.reduce((sum, run) => sum + run.acceptance, 0) / ensembles,
  }
}

/** `[length * walkers, 6]` */
function toTheta({ draws, dim, chains, length }: Chains, prior: DwarfPrior): Float64Array {
  const out = new Float64Array(length * chains * dwarfNames.length)
  for (let row = 0; row < length * chains; row++) {
    const theta = fromUnitCube(draws.subarray(row * dim, row * dim + dwarfNames.length), prior)
    for (const [p, name] of dwarfNames.entries()) out[row * dwarfNames.length + p] = theta[name]
  }
  return out
}

/**
 * Walkers' places: drawn from the prior, then chosen without putting back by the likelihood to the power 1/4
 * (Efraimidis and Spirakis 2006), so that they surround the posterior and none begins where it would never come home
 * from.
 */
function overDispersed(logDensity: LogDensity, dim: number, walkers: number, key: Key): Float64Array {
  const random = randomStream(key)
  const tried: { readonly place: Float64Array; readonly rank: number }[] = []
  for (let found = 0, i = 0; i < 40 * walkers && (found < 8 * walkers || i < 8 * walkers); i++) {
    const place = Float64Array.from({ length: dim }, () => random.uniform())
    const log = logDensity(place)
    // Gumbel's trick: the largest of log weight + noise are draws by weight
    const rank = log / 4 - Math.log(-Math.log(random.uniform()))
    if (!Number.isFinite(log)) continue
    found++
    tried.push({ place, rank })
  }
  if (tried.length < walkers) {
    throw new WorkError(
      'expected places of the prior that the stars and `accept` allow',
      `got ${tried.length} of ${40 * walkers}`,
      'widen the prior',
    )
  }
  tried.sort((a, b) => b.rank - a.rank)
  return Float64Array.from(tried.slice(0, walkers).flatMap(({ place }) => Array.from(place)))
}
