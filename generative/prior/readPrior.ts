import { UsageError } from '../../core/index.js'
import type { MarginalSpec } from './marginal.js'
import { type ProductPrior, productPrior } from './prior.js'

const kinds = ['uniform', 'normal', 'lognormal'] as const
const example = '{"mass": {"uniform": [0, 2]}, "slope": {"normal": [1, 0.5]}, "rate": {"lognormal": [-1, 0.3]}}'

/**
 * The prior that a JSON object describes, one entry a parameter: `{"NAME": {"uniform": [low, high]}}`, `{"normal":
 * [mean, deviation]}`, or `{"lognormal": [mean, deviation]}` of the logarithm. The order of the parameters is that of
 * the object.
 *
 * @param json the parsed file
 * @throws UsageError that names the parameter and what is wrong with it
 */
export function readPrior(json: unknown): ProductPrior {
  if (!isRecord(json))
    throw new UsageError('expected a prior as a JSON object', `got ${described(json)}`, `write ${example}`)
  return productPrior(Object.fromEntries(Object.entries(json).map(([name, entry]) => [name, specOf(name, entry)])))
}

function specOf(name: string, entry: unknown): MarginalSpec {
  const [kind, ...more] = isRecord(entry) ? Object.keys(entry) : []
  const known = kinds.find(one => one === kind)
  if (!isRecord(entry) || !known || more.length > 0)
    throw new UsageError(
      `expected the prior of ${name} to be one of ${kinds.join(', ')}`,
      `got ${described(entry)}`,
      `write ${example}`,
    )
  const values: unknown = entry[known]
  if (!Array.isArray(values) || values.length !== 2 || !values.every(value => typeof value === 'number'))
    throw new UsageError(
      `expected two numbers for the ${known} prior of ${name}`,
      `got ${described(values)}`,
      `write ${example}`,
    )
  const pair = [values[0], values[1]] as [number, number]
  return known === 'uniform' ? { uniform: pair } : known === 'normal' ? { normal: pair } : { lognormal: pair }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function described(value: unknown): string {
  return JSON.stringify(value) ?? String(value)
}
