import { type Box, DataError, periodicBox, UsageError } from '../../core/index.js'
import { requireDevice } from '../../engine/index.js'
import type { Field } from '../../io/galaxies/field.js'
import type { CommonOptions, RunContext } from '../run/context.js'
import { drawFields } from './draw.js'
import { checkTheta, type GalaxiesModel, loadGalaxiesModel } from './model.js'
import { type DrawSampler, samplerFor } from './sampler.js'
import { sampleSize } from './sampleSize.js'

/** How fields are drawn beside simulated ones. */
export interface DrawnFieldsOptions extends CommonOptions {
  /** the simulated ones */
  readonly data: readonly string[]
  /** fields drawn beside each, 1 where absent */
  readonly n?: number
  /** 32 where absent */
  readonly steps?: number
  readonly sampler?: DrawSampler
}

/** Fields drawn from a run at the theta of each simulated field, `options.n` each. */
export async function fieldsDrawnBeside(
  references: readonly Field[],
  run: string,
  options: DrawnFieldsOptions,
  context: RunContext,
): Promise<{ readonly fields: readonly Field[]; readonly evaluations: number; readonly secondsPerField: number }> {
  await requireDevice(options.device)
  const model = await loadGalaxiesModel(run)
  const size = sizeLike(references, model, run)
  const { n = 1, steps = 32 } = options
  const sampler = samplerFor(model, steps, options.sampler)
  const thetas = references.map(field => field.theta)
  for (const theta of thetas) {
    requireParameters(model, theta, run, options.data)
    checkTheta(model, theta, options.extrapolate)
  }
  return drawFields(
    {
      run,
      box: size.box,
      thetas: thetas.flatMap(theta => Array.from({ length: n }, () => theta)),
      points: size.points,
      keep: size.keep?.flatMap(points => Array.from({ length: n }, () => points)),
      sampler,
      steps,
      threads: options.threads,
      device: options.device,
      key: context.key.split('evaluate'),
      label: 'drawing fields',
    },
    context,
  )
}

/**
 * Box and numbers of points of the simulated fields, as far as the model can draw them: where it knows masses, fewer
 * points are the heaviest of a whole field.
 *
 * @throws DataError where it cannot
 */
function sizeLike(
  references: readonly Field[],
  model: GalaxiesModel,
  run: string,
): { readonly box: number; readonly points: number; readonly keep?: readonly number[] } {
  const [first] = references
  const side = first.box[0] ?? model.box
  requireBox(references, periodicBox(side), 'cubes of simulated fields', 'the first of them')
  const counts = references.map(field => field.points)
  const unlike = counts.find(count => count !== counts[0])
  try {
    const whole = sampleSize(model, { box: side })
    if (model.marks && Math.max(...counts) <= whole.points) return { ...whole, keep: counts }
    if (unlike === undefined) return sampleSize(model, { box: side, points: counts[0] })
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    throw new DataError(
      `expected simulated fields of a size that the model in ${run} draws`,
      `got ${counts[0]} halos in ${side} Mpc/h`,
      'compare with fields of its number density, or train on fields as these',
      { cause: error },
    )
  }
  throw new DataError(
    `expected one number of halos in all simulated fields, for the model in ${run} cannot choose the heaviest of more`,
    `got ${counts[0]} and ${unlike}`,
    'compare with fields of one number, or with a model of masses',
  )
}

/** In another box the same points are another number density, and no bin of separation means the same. */
export function requireBox(fields: readonly Field[], wanted: Box, whose: string, reference: string): void {
  const other = fields.find(({ box }) => box.some((length, axis) => length !== wanted[axis]))
  if (other === undefined) return
  throw new DataError(
    `expected ${whose} in the box ${wanted.join(' x ')} Mpc/h of ${reference}`,
    `got ${other.box.join(' x ')}`,
    'compare fields of one box',
  )
}

/** What a simulation lacks cannot be typed on the command line: its file is the wrong one. */
function requireParameters(model: GalaxiesModel, theta: Field['theta'], run: string, data: readonly string[]): void {
  const missing = Object.keys(model.normalisation.theta).filter(name => !Number.isFinite(theta[name]))
  if (missing.length === 0) return
  throw new DataError(
    `expected ${missing.join(', ')} with the fields of ${data.join(', ')}, for the model in ${run} was trained with it`,
    `got ${Object.keys(theta).join(', ') || 'no parameters'}`,
    'give fields that name it, or a model that does without',
  )
}
