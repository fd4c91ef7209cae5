import { UsageError } from '../../core/errors.js'
import { samplerNames } from '../../generative/diffusion/samplers/samplers.js'
import type { GalaxiesModel } from './model.js'

/** How a field is drawn: by the model's own ladder, or by a sampler that follows its score. */
export const drawSamplers = ['ladder', ...samplerNames] as const
export type DrawSampler = (typeof drawSamplers)[number]

/**
 * The sampler asked for, or the best the model has within so many evaluations: its ladder, which has a fixed number of
 * rungs, else heun-sde.
 */
export function samplerFor(
  { ladder }: Pick<GalaxiesModel, 'ladder'>,
  evaluations: number,
  wanted?: DrawSampler,
): DrawSampler {
  const rungs = ladder?.ladder.rungs.length ?? Number.POSITIVE_INFINITY
  if (wanted === undefined) return rungs <= evaluations ? 'ladder' : 'heun-sde'
  if (wanted !== 'ladder' || rungs <= evaluations) return wanted
  throw new UsageError(
    ladder
      ? `expected --steps of at least ${rungs}, the rungs of this model's ladder`
      : 'expected a model with a ladder',
    ladder ? `got ${evaluations}` : 'got one without',
    ladder
      ? `give --steps ${rungs}, or another --sampler`
      : 'train one with --set ladder.use=true, or take another --sampler',
  )
}
