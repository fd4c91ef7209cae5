import type { Key } from '../../../core/index.js'
import {
  type Chains,
  sampleAdaptiveMetropolis,
  sampleEnsemble,
  sampleHmc,
  sampleMetropolis,
  sampleNuts,
  type Target,
} from '../../../generative/posterior/index.js'
import type { targets } from './targets.js'

export interface KnownSampler {
  readonly chains: number
  /** `effort` 1 is a run long enough to be believed on the targets that it can do */
  run(target: Target, start: Float64Array, key: Key, effort: number): Promise<Chains>
}

const steps = (effort: number, warmUp: number, length: number) => ({
  warmUp: Math.round(warmUp * effort),
  length: Math.round(length * effort),
})

/** Every sampler that leaves chains, by name. */
export const samplers = {
  Metropolis: {
    chains: 4,
    run: (target, start, key, effort) =>
      sampleMetropolis(target, start, key, { ...steps(effort, 1000, 1500), thin: 10 }),
  },
  'adaptive Metropolis': {
    chains: 4,
    run: (target, start, key, effort) =>
      sampleAdaptiveMetropolis(target, start, key, { ...steps(effort, 5000, 1500), thin: 10 }),
  },
  ensemble: {
    chains: 32,
    run: (target, start, key, effort) =>
      sampleEnsemble(target, start, key, {
        burnIn: Math.round(1500 * effort),
        length: Math.round(300 * effort),
        thin: 10,
      }),
  },
  HMC: {
    chains: 4,
    run: (target, start, key, effort) =>
      sampleHmc(target, start, key, { ...steps(effort, 500, 750), targetAcceptance: 0.95 }),
  },
  'HMC, dense': {
    chains: 4,
    run: (target, start, key, effort) => sampleHmc(target, start, key, { ...steps(effort, 500, 750), scales: 'dense' }),
  },
  NUTS: {
    chains: 4,
    run: (target, start, key, effort) =>
      sampleNuts(target, start, key, { ...steps(effort, 500, 750), targetAcceptance: 0.97 }),
  },
  'NUTS, dense': {
    chains: 4,
    run: (target, start, key, effort) =>
      sampleNuts(target, start, key, { ...steps(effort, 500, 750), targetAcceptance: 0.95, scales: 'dense' }),
  },
} as const satisfies Readonly<Record<string, KnownSampler>>

export type SamplerName = keyof typeof samplers
export type TargetName = keyof typeof targets

/** Which sampler must be right on which target, with what effort. */
export const right: readonly (readonly [SamplerName, TargetName, number])[] = [
  ['Metropolis', 'banana', 3],
  ['adaptive Metropolis', 'correlated Gaussian', 1.5],
  ['adaptive Metropolis', 'banana', 1],
  ['adaptive Metropolis', 'eight schools', 1],
  ['ensemble', 'correlated Gaussian', 1.5],
  ['ensemble', 'banana', 1.5],
  ['ensemble', 'two modes', 1.5],
  ['HMC', 'eight schools', 3],
  ['HMC, dense', 'correlated Gaussian', 1],
  ['NUTS', 'banana', 3],
  ['NUTS', 'eight schools', 1.5],
  ['NUTS, dense', 'correlated Gaussian', 1],
]

/** Which sampler cannot do which target, and what the diagnostics must say. */
export const warned: readonly (readonly [SamplerName, TargetName, number, RegExp])[] = [
  ['Metropolis', 'correlated Gaussian', 0.5, /do not agree/],
  ['Metropolis', 'two modes', 0.5, /do not agree/],
  ['Metropolis', 'funnel', 0.5, /do not agree/],
  ['adaptive Metropolis', 'two modes', 0.5, /do not agree/],
  ['adaptive Metropolis', 'funnel', 0.5, /do not agree/],
  ['adaptive Metropolis', 'eight schools, centred', 0.5, /do not agree/],
  ['ensemble', 'funnel', 0.5, /do not agree/],
  ['ensemble', 'eight schools, centred', 0.5, /do not agree/],
  ['HMC', 'banana', 0.5, /too few effective draws/],
  ['HMC', 'two modes', 0.5, /do not agree/],
  ['HMC', 'funnel', 0.5, /energy moves too little/],
  ['HMC', 'eight schools, centred', 0.5, /diverged/],
  ['NUTS', 'two modes', 0.5, /do not agree/],
  ['NUTS', 'funnel', 0.5, /energy moves too little/],
  ['NUTS', 'eight schools, centred', 0.5, /energy moves too little/],
]
