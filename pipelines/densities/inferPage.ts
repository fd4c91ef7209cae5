import type { Key } from '../../core/index.js'
import { drawPrior } from '../../generative/prior/index.js'
import type { EstimatedPosterior } from '../../generative/sbi/index.js'
import { writePosteriorPage } from '../../report/posterior/index.js'
import type { Unusualness } from '../answers/trainedRegion.js'
import { environmentFacts } from '../run/index.js'
import type { DensitiesModel } from './model.js'
import type { InferOptions } from './options.js'
import type { Predictive } from './predictive.js'

export interface InferredDensities {
  readonly options: InferOptions
  readonly model: DensitiesModel
  readonly found: EstimatedPosterior
  readonly predictive?: Predictive
  readonly unusual: Unusualness & { readonly flagged: boolean }
  readonly warnings: readonly string[]
  readonly seconds: number
  readonly key: Key
}

/** The page of one posterior: corner plot beside the prior, and whether the observation is like the simulations. */
export function writeInferPage(path: string, inferred: InferredDensities): void {
  const { options, model, found, predictive, unusual, warnings, seconds, key } = inferred
  const { prior, units, config } = model
  const labels = prior.names.map((name, i) => (units[i] ? `${name} [${units[i]}]` : name))
  writePosteriorPage(path, {
    title: `${prior.names.join(', ')} given ${options.observation}`,
    lead: `${found.logProb.length} posterior draws by ${config.method}, ${config.train.members} network(s).`,
    facts: [
      { label: 'simulations farther out than the observation', value: `${(100 * unusual.share).toFixed(1)}%` },
      ...(predictive
        ? [{ label: 'share of predictions as far out as the observation', value: predictive.p.toFixed(2) }]
        : []),
      ...Object.entries(found.diagnostics).map(([label, value]) => ({ label, value: value.toPrecision(4) })),
    ],
    warnings,
    corner: {
      labels,
      posterior: { label: config.method, values: found.theta },
      prior: { label: 'prior', values: drawPrior(prior, 4000, key.split('prior draws')) },
      bounds: prior.names.map(name => {
        const spec = prior.marginals[name]
        return 'uniform' in spec ? spec.uniform : undefined
      }),
    },
    timings: [{ stage: 'all', seconds }],
    environment: environmentFacts(options.threads),
    provenance: [
      { label: 'run', value: options.run ?? '' },
      { label: 'observation', value: options.observation },
      { label: 'seed', value: String(options.seed) },
    ],
  })
}
