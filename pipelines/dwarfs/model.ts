import { type ArrayValue, DataError, makeKey, type Tree } from '../../core/index.js'
import { layoutOf, unflattenValues } from '../../engine/index.js'
import { readSafetensors, writeSafetensors } from '../../io/index.js'
import type { DwarfPrior } from '../../simulators/index.js'
import { regionIn, regionNames, regionTensors, type TrainedRegion } from '../answers/trainedRegion.js'
import { finishedRun } from '../run/index.js'
import { type DwarfsConfig, dwarfsConfig } from './config.js'
import { type DwarfsNetwork, makeDwarfsNetwork } from './network.js'

/** A trained posterior of dwarf galaxies. */
export interface DwarfsModel {
  readonly config: DwarfsConfig
  readonly prior: DwarfPrior
  readonly network: DwarfsNetwork
  /** parameters of each network of the ensemble */
  readonly members: readonly Tree<ArrayValue>[]
  /** of the summaries of the first */
  readonly region: TrainedRegion
  /** fewest and most stars of a training galaxy, augmentation included */
  readonly stars: readonly [number, number]
}

/** Weights, region and what is needed to use them; the configuration is a file of its own. */
export function saveDwarfsModel(
  path: string,
  model: Pick<DwarfsModel, 'prior' | 'region' | 'stars'> & { readonly members: readonly Float32Array[] },
): void {
  const members = model.members.map((values, i) => [`members.${i}`, { shape: [values.length], values }] as const)
  writeSafetensors(
    path,
    { ...Object.fromEntries(members), ...regionTensors(model.region) },
    { prior: JSON.stringify(model.prior), stars: JSON.stringify(model.stars) },
  )
}

/**
 * The model of a run folder.
 *
 * @throws UsageError where the folder holds no finished run
 * @throws DataError where a file of it is cut short or of another network
 */
export async function loadDwarfsModel(run: string): Promise<DwarfsModel> {
  const { config, weights: path } = await finishedRun(run, dwarfsConfig)
  const { tensors, metadata } = readSafetensors(path)
  const missing = regionNames.find(name => !(name in tensors))
  if (missing !== undefined || metadata.prior === undefined) {
    throw new DataError(`expected ${missing ?? 'a prior'} in ${path}`, 'got none', 'train again with --force')
  }
  const prior = JSON.parse(metadata.prior) as DwarfPrior
  const network = makeDwarfsNetwork(config, prior)
  const layout = layoutOf(network.init(makeKey(0)))
  const members = Array.from({ length: config.train.members }, (_, i) => {
    const values = tensors[`members.${i}`]?.values
    if (values instanceof Float32Array && values.length === layout.size) return unflattenValues(values, layout)
    throw new DataError(
      `expected ${layout.size} parameters of network ${i} in ${path}`,
      `got ${values?.length ?? 'none'}`,
      'train again with --force',
    )
  })
  return {
    config,
    prior,
    network,
    members,
    region: regionIn(tensors),
    stars: JSON.parse(metadata.stars ?? '[10,5000]') as [number, number],
  }
}
