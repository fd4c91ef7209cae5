import { type ArrayValue, DataError, makeKey, messageOf, type Tree } from '../../core/index.js'
import { layoutOf, unflattenValues } from '../../engine/index.js'
import { type MarginalSpec, type ProductPrior, productPrior } from '../../generative/prior/index.js'
import type { Estimator, Method, SimulationStatistics } from '../../generative/sbi/index.js'
import { readSafetensors, writeSafetensors } from '../../io/index.js'
import { regionIn, regionNames, regionTensors, type TrainedRegion } from '../answers/trainedRegion.js'
import { finishedRun } from '../run/index.js'
import { type DensitiesConfig, densitiesConfig } from './config.js'
import type { ObservationLayout } from './layout.js'
import { learnerOf } from './learner.js'

/** What training leaves: all that is needed to answer, but the configuration, which is a file of its own. */
export interface TrainedDensities {
  readonly prior: ProductPrior
  /** `[p]` */
  readonly units: readonly string[]
  readonly layout: ObservationLayout
  readonly statistics: SimulationStatistics
  readonly region: TrainedRegion
}

export interface DensitiesModel extends TrainedDensities {
  readonly config: DensitiesConfig
  readonly method: Method
  readonly members: readonly Tree<ArrayValue>[]
}

export function saveDensitiesModel(
  path: string,
  model: TrainedDensities & { readonly members: readonly Float32Array[] },
): void {
  const members = model.members.map((values, i) => [`members.${i}`, { shape: [values.length], values }] as const)
  const { prior, units, layout, statistics } = model
  const facts = { prior: prior.marginals, names: prior.names, units, layout, statistics }
  writeSafetensors(
    path,
    { ...Object.fromEntries(members), ...regionTensors(model.region) },
    Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, JSON.stringify(value)])),
  )
}

/**
 * The model of a run folder.
 *
 * @throws UsageError where the folder holds no finished run
 * @throws DataError where a file of it is cut short or of another network
 */
export async function loadDensitiesModel(run: string): Promise<DensitiesModel> {
  const { config, weights: path } = await finishedRun(run, densitiesConfig)
  const { tensors, metadata } = readSafetensors(path)
  const fact = <T>(name: string): T => {
    try {
      if (metadata[name] === undefined) throw new Error('none')
      return JSON.parse(metadata[name]) as T
    } catch (error) {
      throw new DataError(`expected ${name} in ${path}`, `got ${messageOf(error)}`, 'train again with --force')
    }
  }
  const marginals = fact<Record<string, MarginalSpec>>('prior')
  const prior = productPrior(Object.fromEntries(fact<string[]>('names').map(name => [name, marginals[name]])))
  const layout = fact<ObservationLayout>('layout')
  const statistics = fact<SimulationStatistics>('statistics')
  const missing = regionNames.find(name => !(name in tensors))
  if (missing !== undefined)
    throw new DataError(`expected ${missing} in ${path}`, 'got none', 'train again with --force')
  const method = learnerOf(config, prior, statistics, layout)
  const form = layoutOf(method.init(makeKey(0)))
  const members = Array.from({ length: config.train.members }, (_, i) => {
    const values = tensors[`members.${i}`]?.values
    if (values instanceof Float32Array && values.length === form.size) return unflattenValues(values, form)
    throw new DataError(
      `expected ${form.size} parameters of network ${i} in ${path}`,
      `got ${values?.length ?? 'none'}`,
      'train again with --force',
    )
  })
  return { config, prior, units: fact('units'), layout, statistics, region: regionIn(tensors), method, members }
}

/** The model made ready to answer. */
export function estimatorOf(
  { method, members }: Pick<DensitiesModel, 'method' | 'members'>,
  threads: number,
): Estimator {
  return members.length === 1 ? method.estimator(members[0], { threads }) : method.ensemble(members, { threads })
}
