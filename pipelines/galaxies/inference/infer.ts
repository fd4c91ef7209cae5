import { type Field, fields } from '../../../io/galaxies/index.js'
import { objectAt } from '../../../io/objects/index.js'
import type { Inference } from '../../case.js'
import type { CommonOptions, RunContext } from '../../run/index.js'
import { type InferMethod, openPosterior } from './openPosterior.js'

export interface InferOptions extends CommonOptions {
  readonly data: readonly string[]
  readonly index: number
  readonly method: InferMethod
  readonly n: number
  /** drawn beside the first on the page, by the model that ships */
  readonly beside?: InferMethod
}

/**
 * `stipple galaxies infer`: p(theta | one field) of all the parameters that the model was trained with, the others than
 * (Omega_m, sigma_8) being marginalised where one looks at the pair. `npe` sees positions, velocities and masses; the
 * samplers walk the bound of the diffusion model, which sees positions.
 *
 * JSON besides: `beside` with the parameters of another method.
 */
export async function planInference(options: InferOptions, context: RunContext): Promise<Inference<Field>> {
  const { data, index, method, n, run, threads } = options
  const field = await objectAt(fields, data, index, context.signal)
  const { opened, box } = await openPosterior(method, { run, threads }, context)
  const { names } = opened.posterior.parameters
  const known = names.every(name => field.theta[name] !== undefined)
  return {
    observation: field,
    opened,
    n,
    key: context.key.split('infer'),
    title: 'Cosmological parameters given one field of halos',
    lead: `Field ${index} of ${data.join(', ')}, ${field.points} halos, by ${method}.`,
    bounds: names.map(name => box[name]),
    ...(known && { truth: names.map(name => field.theta[name]) }),
    ...(options.beside !== undefined && {
      second: {
        ...(await openPosterior(options.beside, { threads }, context)).opened,
        key: context.key.split('infer beside'),
      },
    }),
    attributes: { input: data.join(', '), index },
    provenance: [{ label: 'input', value: data.join(', ') }],
  }
}
