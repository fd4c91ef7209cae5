/**
 * How much a noise level counts, as a weight of |eps - eps_hat|^2:
 * - `simple` 1 (Ho et al. 2020, arXiv 2006.11239, equation 14);
 * - `x` 1 / SNR, the plain square error of x; `v` 1 / alpha^2, that of v (Salimans and Ho 2022, arXiv 2202.00512,
 *   section 4), which is also Karras et al. 2022's (arXiv 2206.00364, section 5) for data of sd 1, 1 + sigma^2 of the
 *   exploding process;
 * - `elbo` -slope / 2, nats (Kingma et al. 2021, arXiv 2107.00630, equation 17).
 */
export type Weighting = 'simple' | 'x' | 'v' | 'elbo'

/** What a training minimises. */
export interface Objective {
  readonly weighting: Weighting
  /** what is added to a cloud: normal noise, or the way to a uniform point (`pathNoise` of ../matching) */
  readonly noise: 'normal' | 'path'
  /** how noise levels are drawn in training: evenly in log sigma, or evenly in sigma, that is in the time of a path */
  readonly levels: 'log-uniform' | 'uniform'
}

/**
 * All objectives, by the names that commands and configurations take. Flow matching weighs the square error of the
 * velocity, which is scale * noise, alike at all times. This file loads no tensor library.
 */
export const objectives = {
  vdm: { weighting: 'elbo', noise: 'normal', levels: 'log-uniform' },
  eps: { weighting: 'simple', noise: 'normal', levels: 'log-uniform' },
  x: { weighting: 'x', noise: 'normal', levels: 'log-uniform' },
  v: { weighting: 'v', noise: 'normal', levels: 'log-uniform' },
  'flow-matching': { weighting: 'simple', noise: 'path', levels: 'uniform' },
} as const satisfies Readonly<Record<string, Objective>>

export type ObjectiveName = keyof typeof objectives
export const objectiveNames = Object.keys(objectives) as readonly ObjectiveName[]
