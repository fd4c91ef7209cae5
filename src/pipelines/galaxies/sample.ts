import { type Key, UsageError, uniform } from '../../core/index.js'
import { requireDevice } from '../../engine/index.js'
import { writeFields } from '../../io/galaxies/index.js'
import { fiducial, parameterNames } from '../../simulators/index.js'
import type { RunContext } from '../run/context.js'
import { refuseOverwrite } from '../run/overwrite.js'
import { drawFields } from './draw.js'
import { checkTheta, type GalaxiesModel, loadGalaxiesModel, trainedRange } from './model.js'
import type { SampleOptions } from './options.js'

/** `stipple galaxies sample`: halo fields at the named parameters, drawn in parallel. */
export async function sampleGalaxies(options: SampleOptions, context: RunContext): Promise<void> {
  const out = options.out ?? ''
  await refuseOverwrite(out, options.force)
  if (options.run === undefined) {
    throw new UsageError(
      'expected --run, for no trained model ships with this version yet',
      'got none',
      'train one: stipple galaxies train --data … --preset quick --out r',
    )
  }
  await requireDevice(options.device)
  const model = await loadGalaxiesModel(options.run)
  const thetas = drawnThetas(model, namedParameters(options), options.fiducialRest, options.n, context.key.split('theta'))
  for (const theta of thetas) checkTheta(model, theta, options.extrapolate)
  const box = boxFor(model, options.points)
  const result = await drawFields(
    {
      run: options.run,
      box,
      thetas,
      points: options.points,
      sampler: options.sampler,
      steps: options.steps,
      threads: options.threads,
      device: options.device,
      key: context.key.split('sample'),
      label: 'drawing fields',
    },
    context,
  )
  await writeFields(out, result.fields, { seed: options.seed, points: options.points, force: options.force })
  context.print(`${options.n} fields of ${options.points} points in ${out}, ${result.evaluations} evaluations each`)
  context.json({ out, n: options.n, seconds_per_field: result.secondsPerField, evaluations: result.evaluations })
}

function namedParameters(options: SampleOptions): Record<string, number> {
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
 * One theta a field: the named parameters, the rest at fiducial or drawn from the prior of the training design (uniform over
 * its range), so that the fields are draws from p(x | named).
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
      'leave it away: the model does not know it',
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

/** The model knows one number density: another number of points would be another universe. */
function boxFor(model: GalaxiesModel, points: number): number {
  if (points === model.points) return model.box
  throw new UsageError(
    `expected --points ${model.points}, the number in the boxes of ${model.box} Mpc/h that the model was trained on`,
    `got ${points}`,
    `draw ${model.points}, or train on fields of ${points}`,
  )
}
