import { type Key, UsageError, uniform } from '../../core/index.js'
import { fiducial, parameterNames } from '../../simulators/index.js'
import { type GalaxiesModel, trainedRange } from './model.js'

/** Parameters named on the command line. */
export interface NamedParameters {
  readonly omegaM?: number
  readonly sigma8?: number
  readonly omegaB?: number
  readonly h?: number
  readonly nS?: number
}

/** The same by the names of theta. */
export function namedParameters(options: NamedParameters): Record<string, number> {
  const named = {
    omega_m: options.omegaM,
    sigma_8: options.sigma8,
    omega_b: options.omegaB,
    h: options.h,
    n_s: options.nS,
  }
  return Object.fromEntries(Object.entries(named).filter((entry): entry is [string, number] => entry[1] !== undefined))
}

/**
 * One theta a field: the named parameters, the rest at fiducial or drawn from the prior of the training design (uniform
 * over its range), so that the fields are draws from p(x | named).
 */
export function drawnThetas(
  model: GalaxiesModel,
  named: Readonly<Record<string, number>>,
  fiducialRest: boolean,
  n: number,
  key: Key,
): Record<string, number>[] {
  const known = Object.keys(model.normalisation.theta)
  const unknown = Object.keys(named).find(name => !known.includes(name))
  if (unknown !== undefined) {
    throw new UsageError(
      `expected parameters among ${known.join(', ')}`,
      `got ${unknown}`,
      'omit it: the model does not know it',
    )
  }
  return Array.from({ length: n }, (_, i) => {
    const draws = uniform(key.split(i), known.length)
    return Object.fromEntries(
      known.map((name, at) => {
        const [low, high] = trainedRange(model.normalisation, name)
        const standard = parameterNames.find(parameter => parameter === name)
        const rest = fiducialRest && standard ? fiducial[standard] : low + (high - low) * draws[at]
        return [name, named[name] ?? rest]
      }),
    )
  })
}
