import type { ArrayValue, Parameters, Tree } from '../../core/index.js'
import { type Method, makeMethod } from '../../generative/sbi/index.js'
import type { Dwarf } from '../../io/dwarfs/index.js'
import type { DwarfPrior } from '../../simulators/index.js'
import { regionIn, regionNames, regionTensors, type TrainedRegion } from '../answers/trainedRegion.js'
import { readModel, writeModel } from '../learn/modelFile.js'
import { finishedRun } from '../run/index.js'
import { type DwarfsConfig, dwarfsConfig } from './config.js'
import { parametersUnder } from './parameters.js'
import { dwarfReader } from './reader.js'

/** A trained posterior of dwarf galaxies. */
export interface DwarfsModel {
  readonly config: DwarfsConfig
  readonly prior: DwarfPrior
  readonly parameters: Parameters
  readonly method: Method<Dwarf>
  /** parameters of each network of the ensemble */
  readonly members: readonly Tree<ArrayValue>[]
  /** of the summaries of the first */
  readonly region: TrainedRegion
  /** fewest and most stars of a training galaxy, augmentation included */
  readonly stars: readonly [number, number]
}

/** What is learned: theta in the standard normal coordinates of its prior, from the stars. */
export function dwarfMethod(
  config: Pick<DwarfsConfig, 'method' | 'embedding' | 'flow'>,
  parameters: Parameters,
): Method<Dwarf> {
  const { kind, layers, width, bins } = config.flow
  return makeMethod(config.method, {
    parameters,
    reader: dwarfReader(config),
    flow: kind,
    layers,
    hidden: [width, width],
    bins,
    width,
  })
}

/** Weights, region and what is needed to use them; the configuration is a file of its own. */
export function saveDwarfsModel(
  path: string,
  {
    members,
    region,
    prior,
    stars,
  }: Pick<DwarfsModel, 'prior' | 'region' | 'stars'> & {
    readonly members: readonly Float32Array[]
  },
): void {
  writeModel(path, { members, tensors: regionTensors(region), facts: { prior, stars } })
}

/**
 * The model of a run folder.
 *
 * @throws UsageError where the folder holds no finished run
 * @throws DataError where a file of it is cut short or of another network
 */
export async function loadDwarfsModel(run: string): Promise<DwarfsModel> {
  const { config, weights } = await finishedRun(run, dwarfsConfig)
  const file = readModel(weights)
  file.require(regionNames)
  const prior = file.fact<DwarfPrior>('prior')
  const parameters = parametersUnder(prior)
  const method = dwarfMethod(config, parameters)
  return {
    config,
    prior,
    parameters,
    method,
    members: file.members(config.train.members, method),
    region: regionIn(file.tensors),
    stars: file.has('stars') ? file.fact<[number, number]>('stars') : [10, 5000],
  }
}
