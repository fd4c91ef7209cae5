/**
 * The samplers that draw a posterior by its likelihood, by their names on the command line. `likelihoodSampling.ts` has
 * one function for each. This file imports nothing, so that help texts and checks of flags cost no loading.
 */
export const likelihoodSamplers = {
  hmc: { title: 'Hamiltonian Monte Carlo', needsGradient: true, leaves: 'chains' },
  nuts: { title: 'the no-U-turn sampler', needsGradient: true, leaves: 'chains' },
  ensemble: { title: 'an ensemble of walkers', needsGradient: false, leaves: 'chains' },
  nested: { title: 'nested sampling', needsGradient: false, leaves: 'weighted draws' },
  vi: { title: 'variational inference, reweighted', needsGradient: true, leaves: 'weighted draws' },
} as const satisfies Readonly<Record<string, LikelihoodSampler>>

export interface LikelihoodSampler {
  readonly title: string
  /** of the log-likelihood */
  readonly needsGradient: boolean
  /** what the draws are taken from */
  readonly leaves: 'chains' | 'weighted draws'
}

export type LikelihoodMethod = keyof typeof likelihoodSamplers

/** The names, in the order of the table. */
export const likelihoodMethods = Object.keys(likelihoodSamplers) as readonly LikelihoodMethod[]
