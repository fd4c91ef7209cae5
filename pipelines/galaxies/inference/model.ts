import type { ArrayValue, Parameters, Tree } from '../../../core/index.js'
import { type Method, makeMethod } from '../../../generative/sbi/index.js'
import { galaxyParameters } from '../../../simulators/index.js'
import { readModel, writeModel } from '../../learn/modelFile.js'
import { finishedRun } from '../../run/index.js'
import { type PosteriorConfig, posteriorConfig } from './config.js'
import { contextFeatures, type FieldView, pointFeatures } from './fieldView.js'
import { type ViewScale, viewReader } from './reader.js'

/** Where theta can lie: uniform, parameter by parameter. */
export type Box = Readonly<Record<string, readonly [low: number, high: number]>>

/** A trained posterior of halo fields. */
export interface FieldPosteriorModel {
  readonly config: PosteriorConfig
  readonly box: Box
  readonly parameters: Parameters
  /** Each network has training fields, and so scales, of its own. */
  readonly members: readonly { readonly method: Method<FieldView>; readonly params: Tree<ArrayValue> }[]
}

/** What is learned: theta in the standard normal coordinates of its prior, from views of fields. */
export function fieldMethod(config: PosteriorConfig, parameters: Parameters, scale: ViewScale): Method<FieldView> {
  const { kind, layers, width, bins } = config.flow
  const reader = viewReader(config, scale)
  return makeMethod(config.method, { parameters, reader, flow: kind, layers, hidden: [width, width], bins, width })
}

const parts = ['points', 'context'] as const
const moments = ['mean', 'deviation'] as const

export function saveFieldPosterior(
  path: string,
  {
    box,
    members,
    scales,
  }: { readonly box: Box; readonly members: readonly Float32Array[]; readonly scales: readonly ViewScale[] },
): void {
  const tensors = scales.flatMap((scale, i) =>
    parts.flatMap(part =>
      moments.map(moment => {
        const values = scale[part][moment]
        return [`scales.${i}.${part}.${moment}`, { shape: [values.length], values }] as const
      }),
    ),
  )
  writeModel(path, { members, tensors: Object.fromEntries(tensors), facts: { box } })
}

/**
 * The posterior of a run folder made by `stipple galaxies train --objective npe`.
 *
 * @throws UsageError where the folder holds no finished run of this kind
 * @throws DataError where a file of it is cut short or of another network
 */
export async function loadFieldPosterior(run: string): Promise<FieldPosteriorModel> {
  const { config, weights } = await finishedRun(run, posteriorConfig)
  const file = readModel(weights, 'train again with --objective npe --force')
  const box = file.fact<Box>('box')
  const parameters = galaxyParameters(box)
  const members = Array.from({ length: config.train.members }, (_, i) => {
    const of = (part: (typeof parts)[number], length: number) => ({
      mean: file.vector(`scales.${i}.${part}.mean`, length),
      deviation: file.vector(`scales.${i}.${part}.deviation`, length),
    })
    const scale = { points: of('points', pointFeatures), context: of('context', contextFeatures) }
    const method = fieldMethod(config, parameters, scale)
    return { method, params: file.member(i, method) }
  })
  return { config, box, parameters, members }
}
