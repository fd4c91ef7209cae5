import type { ArrayValue, Parameters, Tree } from '../../core/index.js'
import { type MarginalSpec, type ProductPrior, productPrior } from '../../generative/prior/index.js'
import type { Method, Row, SimulationStatistics } from '../../generative/sbi/index.js'
import { regionIn, regionNames, regionTensors, type TrainedRegion } from '../answers/trainedRegion.js'
import { readModel, writeModel } from '../learn/modelFile.js'
import { finishedRun } from '../run/index.js'
import { type DensitiesConfig, densitiesConfig } from './config.js'
import type { ObservationForm } from './form.js'
import { methodOf } from './method.js'

/** What training leaves: all that is needed to answer, but the configuration, which is a file of its own. */
export interface TrainedDensities {
  readonly prior: ProductPrior
  /** `[p]` */
  readonly units: readonly string[]
  readonly form: ObservationForm
  readonly statistics: SimulationStatistics
  readonly region: TrainedRegion
}

export interface DensitiesModel extends TrainedDensities {
  readonly config: DensitiesConfig
  readonly parameters: Parameters
  readonly method: Method<Row>
  readonly members: readonly Tree<ArrayValue>[]
}

/** Names, units and labels of the user's parameters. */
export function parametersOf(prior: ProductPrior, units: readonly string[]): Parameters {
  const { names } = prior
  return { names, units, labels: names.map((name, i) => (units[i] ? `${name} [${units[i]}]` : name)), prior }
}

export function saveDensitiesModel(
  path: string,
  { members, region, prior, form: layout, ...facts }: TrainedDensities & { readonly members: readonly Float32Array[] },
): void {
  const { marginals, names } = prior
  writeModel(path, { members, tensors: regionTensors(region), facts: { prior: marginals, names, layout, ...facts } })
}

/**
 * The model of a run folder.
 *
 * @throws UsageError where the folder holds no finished run
 * @throws DataError where a file of it is cut short or of another network
 */
export async function loadDensitiesModel(run: string): Promise<DensitiesModel> {
  const { config, weights } = await finishedRun(run, densitiesConfig)
  const file = readModel(weights)
  const marginals = file.fact<Record<string, MarginalSpec>>('prior')
  const prior = productPrior(Object.fromEntries(file.fact<string[]>('names').map(name => [name, marginals[name]])))
  const form = file.fact<ObservationForm>('layout')
  const statistics = file.fact<SimulationStatistics>('statistics')
  file.require(regionNames)
  const units = file.fact<string[]>('units')
  const parameters = parametersOf(prior, units)
  const method = methodOf(config, parameters, statistics, form)
  const members = file.members(config.train.members, method)
  return { config, prior, units, form, statistics, region: regionIn(file.tensors), parameters, method, members }
}
