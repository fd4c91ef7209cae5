import { type Draws, UsageError } from '../../core/index.js'
import type { Row } from '../../generative/sbi/index.js'
import { unusualIn } from '../answers/unusualIn.js'
import type { Explained, Inference } from '../case.js'
import type { CommonOptions, RunContext } from '../run/context.js'
import { type DensitiesModel, loadDensitiesModel } from './model.js'
import { readObservation } from './observation.js'
import { predict } from './predictive.js'
import { seenRow } from './region.js'
import { commandSimulator } from './simulator/commandSimulator.js'

export interface InferOptions extends CommonOptions {
  /** a csv of one row */
  readonly observation: string
  readonly n: number
  /** simulates draws anew for the predictive check */
  readonly command?: string
}

/**
 * `stipple densities infer`: draws of theta given one observation.
 *
 * JSON besides: `predictive` (with --command: draws simulated anew beside the observation, see `predict`).
 */
export async function planInference(options: InferOptions, context: RunContext): Promise<Inference<Row>> {
  const { run = '', observation, n, threads, command } = options
  const model = await loadDensitiesModel(run)
  const { prior, config, form, parameters, method, members } = model
  if (command !== undefined && form.kind === 'set') {
    throw new UsageError('expected --command with a run of vectors', 'got one of sets of points', 'omit it')
  }
  const key = context.key.split('infer')
  const x = await readObservation(observation, form, key.split('observation'), context.signal)
  return {
    observation: x,
    opened: {
      posterior: method.posterior(members, { threads }),
      method: config.method,
      ...unusualIn<Row>(model.region, async rows => rows.map(row => seenRow(row, model.statistics, form)), {
        noun: { one: 'observation', many: 'observations' },
      }),
    },
    n,
    key,
    title: `${prior.names.join(', ')} given ${observation}`,
    lead: `${n} posterior draws by ${config.method}, ${config.train.members} network(s).`,
    heading: `${observation}: ${n} draws by ${config.method}`,
    bounds: parameters.names.map(name => {
      const spec = prior.marginals[name]
      return 'uniform' in spec ? spec.uniform : undefined
    }),
    attributes: { normalised: 1 },
    provenance: [
      { label: 'run', value: run },
      { label: 'observation', value: observation },
    ],
    ...(command !== undefined && {
      explain: (draws: Draws) => predictiveCheck(model, x, draws, { command, threads, context }),
    }),
  }
}

/** The posterior predictive check: what the draws predict beside what was observed. */
async function predictiveCheck(
  { prior, form, statistics, config }: DensitiesModel,
  x: Row,
  { theta, diagnostics }: Draws,
  { command, threads, context }: { readonly command: string; readonly threads: number; readonly context: RunContext },
): Promise<Explained> {
  const simulator = commandSimulator(command, { timeout: config.simulator.timeout, atOnce: threads })
  try {
    const xNames = form.kind === 'vector' ? form.names : []
    const options = { names: prior.names, xNames, statistics, key: context.key, context }
    const predictive = await predict(simulator, theta, Float64Array.from(x), options)
    if (predictive === undefined) {
      return { warnings: ['Too few draws could be simulated anew to check the posterior by.'] }
    }
    const share = `of its predictions ${(100 * predictive.p).toFixed(1)}% are as far out`
    return {
      warnings: predictive.p < 0.01 ? [`The posterior cannot make this observation: ${share}.`] : [],
      facts: [
        { label: 'share of predictions as far out as the observation', value: predictive.p.toFixed(2) },
        ...Object.entries(diagnostics).map(([label, value]) => ({ label, value: value.toPrecision(4) })),
      ],
      lines: [`share of predictions as far out as the observation: ${predictive.p.toFixed(2)}`],
      json: { predictive },
    }
  } finally {
    await simulator.close()
  }
}
