import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { DataError, messageOf, UsageError } from '../../core/index.js'
import { type DwarfName, dwarfNames, fromCoordinates, priorNames } from '../../simulators/index.js'
import { nearest } from '../run/index.js'

const distribution = z.union([
  z.strictObject({ uniform: z.tuple([z.number(), z.number()]).refine(([low, high]) => low < high) }),
  z.strictObject({ normal: z.tuple([z.number(), z.number()]).refine(([, sd]) => sd > 0) }),
])
type Distribution = z.output<typeof distribution>

/** A user's prior: independent distributions of some of the parameters or of the coordinates of the training prior. */
export type UserPrior = Readonly<Record<string, Distribution>>

const known: readonly string[] = [...new Set([...dwarfNames, ...priorNames])]

/** At given r_s (and r_star) one of them is a function of the other; both would be weighed twice. */
const sameQuantity = [
  ['log10_r_star', 'r_star_over_r_s'],
  ['log10_r_a', 'r_a_over_r_star'],
] as const

/**
 * @throws UsageError where there is no such file, DataError for an unknown name (with the nearest) and a distribution
 *   that is none
 */
export function readUserPrior(path: string): UserPrior {
  let stored: unknown
  try {
    stored = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new UsageError(
      `expected a prior as JSON in ${path}`,
      `got ${messageOf(error)}`,
      'correct the path or the file',
    )
  }
  if (typeof stored !== 'object' || stored === null || Array.isArray(stored)) {
    throw new DataError(
      `expected {"gamma": {"uniform": [0, 1.5]}, …} in ${path}`,
      `got ${JSON.stringify(stored)}`,
      'correct it',
    )
  }
  for (const [name, value] of Object.entries(stored)) {
    if (!known.includes(name)) {
      throw new DataError(
        `expected a prior of ${known.join(', ')} in ${path}`,
        `got ${name}`,
        `did you mean ${nearest(name, known)}?`,
      )
    }
    if (distribution.safeParse(value).success) continue
    throw new DataError(
      `expected ${name} in ${path} as {"uniform": [low, high]} or {"normal": [mean, sd]}`,
      `got ${JSON.stringify(value)}`,
      'correct it',
    )
  }
  for (const pair of sameQuantity) {
    if (!pair.every(name => name in stored)) continue
    throw new DataError(`expected ${pair.join(' or ')} in ${path}`, 'got both', 'omit one: they are one quantity')
  }
  return stored as UserPrior
}

/**
 * Log-weights that turn draws under the training prior (uniform in the coordinates) into draws under the user's, up to
 * a constant: log p_user(theta) / p_train(theta). Of a parameter that is named the training prior's own density is
 * taken out; others keep it.
 *
 * @param coordinates `[n, 6]`
 */
export function priorLogWeights(prior: UserPrior, coordinates: Float32Array): Float64Array {
  const dim = priorNames.length
  return Float64Array.from({ length: coordinates.length / dim }, (_, row) => {
    const own = coordinates.subarray(row * dim, (row + 1) * dim)
    const theta = fromCoordinates(own)
    let sum = 0
    for (const [name, wanted] of Object.entries(prior)) {
      const at = (priorNames as readonly string[]).indexOf(name)
      sum += logDensity(wanted, at >= 0 ? own[at] : theta[name as DwarfName])
      // The logarithm of a ratio that is uniform has a density that grows with the ratio.
      if (name === 'log10_r_star') sum -= Math.log(own[3])
      if (name === 'log10_r_a') sum -= Math.log(own[5])
    }
    return sum
  })
}

function logDensity(wanted: Distribution, x: number): number {
  if ('uniform' in wanted) {
    const [low, high] = wanted.uniform
    return x >= low && x <= high ? -Math.log(high - low) : Number.NEGATIVE_INFINITY
  }
  const [mean, sd] = wanted.normal
  return -0.5 * ((x - mean) / sd) ** 2 - Math.log(sd)
}
