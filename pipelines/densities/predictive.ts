import { type Key, permutation } from '../../core/index.js'
import { type SimulationStatistics, standardised } from '../../generative/sbi/index.js'
import { quantiles } from '../answers/quantiles.js'
import { fitGroup, unusualness } from '../answers/trainedRegion.js'
import { inParallel, type RunContext } from '../run/index.js'
import type { Simulator } from './simulator/simulator.js'

/** Draws that are simulated anew. */
const draws = 200

/** What a posterior predicts of data like those that were observed. */
export interface Predictive {
  /** draws simulated, without failures */
  readonly simulated: number
  readonly failed: number
  /**
   * share of predicted data that are as far from what is predicted as the observed ones: small where the posterior
   * cannot make them
   */
  readonly p: number
  /** `[d]` of each number of x: median and 90% of what is predicted, and what was observed */
  readonly columns: readonly {
    readonly name: string
    readonly q05: number
    readonly q50: number
    readonly q95: number
    readonly observed: number
  }[]
}

/**
 * The posterior predictive check: some draws go through the simulator again. One half of what comes out tells where
 * predictions lie (a Gaussian in the standardised numbers), the other how far from there they use to be. Nothing where
 * too few came back.
 *
 * @param theta `[n, p]`
 */
export async function predict(
  simulator: Simulator,
  theta: Float64Array,
  observed: Float64Array,
  {
    names,
    xNames,
    statistics,
    key,
    context,
  }: {
    readonly names: readonly string[]
    readonly xNames: readonly string[]
    readonly statistics: SimulationStatistics
    readonly key: Key
    readonly context: Pick<RunContext, 'signal' | 'progress'>
  },
): Promise<Predictive | undefined> {
  const p = names.length
  const chosen = permutation(key, theta.length / p).slice(0, draws)
  const progress = context.progress(chosen.length, 'simulating draws anew')
  const rows: Float64Array[] = []
  try {
    await inParallel(chosen, simulator.atOnce, async row => {
      context.signal.throwIfAborted()
      const at = row * p
      const outcome = await simulator.simulate(Object.fromEntries(names.map((name, i) => [name, theta[at + i]])))
      if ('x' in outcome && outcome.x.length === observed.length) rows.push(Float64Array.from(outcome.x))
      progress.advance()
    })
  } finally {
    progress.stop()
  }
  if (rows.length < 20) return undefined
  const seen = rows.map(row => Float32Array.from(standardised(statistics, row)))
  const middle = seen.length >> 1
  const region = [fitGroup(0, seen.slice(0, middle), seen.slice(middle))]
  const { share } = unusualness(region, Float32Array.from(standardised(statistics, observed)), 0)
  return {
    simulated: rows.length,
    failed: chosen.length - rows.length,
    p: share,
    columns: xNames.map((name, i) => {
      const [q05, q50, q95] = quantiles(
        rows.map(row => row[i]),
        [0.05, 0.5, 0.95],
      )
      return { name, q05, q50, q95, observed: observed[i] }
    }),
  }
}
