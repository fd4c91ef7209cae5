import type { Denoiser, Key, OnStep, State } from '../../../core/index.js'
import { ancestral } from './ancestral.js'
import { ddim } from './ddim.js'
import { dpmpp2m } from './dpmpp2m.js'
import { dpmpp2mSde } from './dpmpp2mSde.js'
import { heun } from './heun.js'
import { heunSde } from './heunSde.js'
import type { DrawingSampler } from './noiseLevels.js'
import { probabilityFlow } from './probabilityFlow.js'

/** A sampler as the command line calls it; one that draws nothing ignores the key. */
export type SamplerRun = DrawingSampler

export interface Sampler {
  readonly run: SamplerRun
  /** of the denoiser; a last step to 0 takes one */
  readonly evaluationsPerStep: number
  /** whether a step draws fresh noise, so that another key gives other states */
  readonly draws: boolean
  /** power of the step length with which its error falls: that of the state, or of its distribution where it draws */
  readonly order: number
  /** whether it chooses its own steps between the first and the last noise level */
  readonly adaptive: boolean
}

const withoutKey =
  (run: (denoise: Denoiser, noise: State, sigmas: readonly number[], onStep?: OnStep) => Promise<State>): SamplerRun =>
  (denoise, noise, sigmas, _key, onStep) =>
    run(denoise, noise, sigmas, onStep)

/**
 * All samplers, by the names that commands take. A new one is an entry here: the command line, its help and the law
 * tests read the entries. This file loads no tensor library, nor does what it imports.
 */
export const samplers = {
  ancestral: { run: ancestral, evaluationsPerStep: 1, draws: true, order: 1, adaptive: false },
  ddim: { run: withoutKey(ddim), evaluationsPerStep: 1, draws: false, order: 1, adaptive: false },
  'dpmpp-2m': { run: withoutKey(dpmpp2m), evaluationsPerStep: 1, draws: false, order: 2, adaptive: false },
  'dpmpp-2m-sde': { run: dpmpp2mSde, evaluationsPerStep: 1, draws: true, order: 2, adaptive: false },
  heun: { run: withoutKey(heun), evaluationsPerStep: 2, draws: false, order: 2, adaptive: false },
  'heun-sde': { run: heunSde, evaluationsPerStep: 2, draws: true, order: 2, adaptive: false },
  ode: {
    run: async (denoise, noise, sigmas, _key, onStep) =>
      (await probabilityFlow(denoise, noise, sigmas, { onStep })).state,
    evaluationsPerStep: 6,
    draws: false,
    order: 5,
    adaptive: true,
  },
} as const satisfies Readonly<Record<string, Sampler>>

export type SamplerName = keyof typeof samplers
export const samplerNames = Object.keys(samplers) as readonly SamplerName[]

/**
 * Steps that a sampler can take within so many evaluations, its last one to 0. An adaptive one takes its own: for it
 * the number is that of the evaluations.
 */
export function stepsWithin(name: SamplerName, evaluations: number): number {
  const { adaptive, evaluationsPerStep } = samplers[name]
  return adaptive ? evaluations : Math.max(1, 1 + Math.floor((evaluations - 1) / evaluationsPerStep))
}

export interface SamplerInput {
  /** x at sigmas[0], `[batch, points, channels]`, in the unit of the data */
  readonly noise: State
  /** descending, the last one may be 0 */
  readonly sigmas: readonly number[]
  readonly key: Key
  readonly onStep?: OnStep
}

/** Runs a sampler and counts how often it asked the denoiser. */
export async function sampleBy(
  name: SamplerName,
  denoise: Denoiser,
  { noise, sigmas, key, onStep }: SamplerInput,
): Promise<{ state: State; evaluations: number }> {
  let evaluations = 0
  const counted: Denoiser = (x, sigma) => {
    evaluations++
    return denoise(x, sigma)
  }
  const state = await samplers[name].run(counted, noise, sigmas, key, onStep)
  return { state, evaluations }
}
