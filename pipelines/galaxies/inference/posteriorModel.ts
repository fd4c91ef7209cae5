import { type ArrayValue, DataError, makeKey, type Tree } from '../../../core/index.js'
import { layoutOf, unflattenValues } from '../../../engine/index.js'
import { readSafetensors, writeSafetensors } from '../../../io/index.js'
import { finishedRun } from '../../run/index.js'
import { contextFeatures, pointFeatures } from './fieldView.js'
import { type PosteriorConfig, posteriorConfig } from './posteriorConfig.js'
import { type FieldPosteriorNetwork, makePosteriorNetwork, type ThetaBox } from './posteriorNetwork.js'
import type { ViewScale } from './viewedFields.js'

/** A trained posterior of halo fields. */
export interface FieldPosteriorModel {
  readonly config: PosteriorConfig
  readonly box: ThetaBox
  readonly network: FieldPosteriorNetwork
  /** of each member */
  readonly members: readonly Tree<ArrayValue>[]
  /** of each member, for each has training fields of its own */
  readonly scales: readonly ViewScale[]
}

const parts = ['points', 'context'] as const
const moments = ['mean', 'deviation'] as const

export function saveFieldPosterior(
  path: string,
  box: ThetaBox,
  members: readonly Float32Array[],
  scales: readonly ViewScale[],
): void {
  const tensors: Record<string, ArrayValue> = {}
  members.forEach((values, i) => {
    tensors[`members.${i}`] = { shape: [values.length], values }
    for (const part of parts)
      for (const moment of moments) {
        const stored = scales[i][part][moment]
        tensors[`scales.${i}.${part}.${moment}`] = { shape: [stored.length], values: stored }
      }
  })
  writeSafetensors(path, tensors, { box: JSON.stringify(box) })
}

/**
 * The posterior of a run folder made by `stipple galaxies train --objective npe`.
 *
 * @throws UsageError where the folder holds no finished run of this kind
 * @throws DataError where a file of it is cut short or of another network
 */
export async function loadFieldPosterior(run: string): Promise<FieldPosteriorModel> {
  const { config, weights: path } = await finishedRun(run, posteriorConfig)
  const { tensors, metadata } = readSafetensors(path)
  const spoilt = (expected: string, got: string) =>
    new DataError(`expected ${expected} in ${path}`, `got ${got}`, 'train again with --objective npe --force')
  if (metadata.box === undefined) throw spoilt('the box of theta', 'none')
  const box = JSON.parse(metadata.box) as ThetaBox
  const network = makePosteriorNetwork(config, box)
  const layout = layoutOf(network.init(makeKey(0)))
  const vector = (name: string, length: number): Float32Array => {
    const values = tensors[name]?.values
    if (values instanceof Float32Array && values.length === length) return values
    throw spoilt(`${length} numbers of ${name}`, `${values?.length ?? 'none'}`)
  }
  const indices = Array.from({ length: config.train.members }, (_, i) => i)
  return {
    config,
    box,
    network,
    members: indices.map(i => unflattenValues(vector(`members.${i}`, layout.size), layout)),
    scales: indices.map(i => {
      const of = (part: (typeof parts)[number], length: number) => ({
        mean: vector(`scales.${i}.${part}.mean`, length),
        deviation: vector(`scales.${i}.${part}.deviation`, length),
      })
      return { points: of('points', pointFeatures), context: of('context', contextFeatures) }
    }),
  }
}
