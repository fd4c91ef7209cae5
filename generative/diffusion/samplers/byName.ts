import type { Denoiser, Key, OnStep, State } from '../../../core/index.js'
import { ancestral } from './ancestral.js'
import { ddim } from './ddim.js'
import { dpmpp2m } from './dpmpp2m.js'
import { dpmpp2mSde } from './dpmpp2mSde.js'
import { heun } from './heun.js'
import { heunSde } from './heunSde.js'
import { probabilityFlow } from './probabilityFlow.js'

/** The samplers as the command line names them, all called alike; those that draw nothing leave the key alone. */
export const samplers: Readonly<Record<SamplerName, NamedSampler>> = {
  ancestral,
  ddim: (denoise, noise, sigmas, _key, onStep) => ddim(denoise, noise, sigmas, onStep),
  'dpmpp-2m': (denoise, noise, sigmas, _key, onStep) => dpmpp2m(denoise, noise, sigmas, onStep),
  'dpmpp-2m-sde': dpmpp2mSde,
  heun: (denoise, noise, sigmas, _key, onStep) => heun(denoise, noise, sigmas, onStep),
  'heun-sde': heunSde,
  ode: async (denoise, noise, sigmas, _key, onStep) =>
    (await probabilityFlow(denoise, noise, sigmas, undefined, onStep)).state,
}

export type SamplerName = 'ancestral' | 'ddim' | 'dpmpp-2m' | 'dpmpp-2m-sde' | 'heun' | 'heun-sde' | 'ode'

export type NamedSampler = (
  denoise: Denoiser,
  noise: State,
  sigmas: readonly number[],
  key: Key,
  onStep?: OnStep,
) => Promise<State>

/** Steps that a sampler can take within so many evaluations, its last one to 0; `ode` takes its own. */
export function stepsWithin(name: SamplerName, evaluations: number): number {
  return name === 'heun' || name === 'heun-sde' ? Math.max(1, Math.floor((evaluations + 1) / 2)) : evaluations
}

/** Runs a sampler and counts how often it asked the denoiser. */
export async function sampleBy(
  name: SamplerName,
  denoise: Denoiser,
  noise: State,
  sigmas: readonly number[],
  key: Key,
  onStep?: OnStep,
): Promise<{ state: State; evaluations: number }> {
  let evaluations = 0
  const counted: Denoiser = (x, sigma) => {
    evaluations++
    return denoise(x, sigma)
  }
  const state = await samplers[name](counted, noise, sigmas, key, onStep)
  return { state, evaluations }
}
