import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Interrupted, type Key, UsageError, uniform } from '../../core/index.js'
import { requireDevice } from '../../engine/index.js'
import { openParts } from '../../io/galaxies/index.js'
import { stippleVersion } from '../../io/rootAttributes.js'
import { fiducial, parameterNames } from '../../simulators/index.js'
import type { RunContext } from '../run/context.js'
import { refuseOverwrite } from '../run/overwrite.js'
import { refuseSettings } from '../run/refuseSettings.js'
import { drawEach } from './draw.js'
import { checkTheta, type GalaxiesModel, loadGalaxiesModel, trainedRange } from './model.js'
import type { SampleOptions } from './options.js'
import { sampleSize } from './sampleSize.js'
import { runOrShipped } from './shipped.js'

/**
 * `stipple galaxies sample`: halo fields at the named parameters, drawn in parallel. Finished fields lie beside --out until all are there, so
 * that an interrupted draw goes on with --resume and ends in the same datasets.
 */
export async function sampleGalaxies(options: SampleOptions, context: RunContext): Promise<void> {
  const { n, seed, sampler, steps, threads, device, force, resume } = options
  const out = options.out ?? ''
  refuseSettings(options)
  await refuseOverwrite(out, force)
  const run = runOrShipped(options.run)
  await requireDevice(device)
  const model = await loadGalaxiesModel(run)
  const named = namedParameters(options)
  const thetas = drawnThetas(model, named, options.fiducialRest, n, context.key.split('theta'))
  for (const theta of thetas) checkTheta(model, theta, options.extrapolate)
  const { box, points } = sampleSize(model, options)
  if (box > model.box) {
    context.log.info(`waves longer than the ${model.box} Mpc/h of the model's training are left as in uniform points`)
  }
  const version = stippleVersion()
  const request = {
    version,
    model: digestOf(run),
    seed,
    named,
    fiducialRest: options.fiducialRest,
    box,
    points,
    sampler,
    steps,
  }
  const parts = openParts(out, request, { resume, force })
  let secondsPerField: number
  let evaluations = 0
  try {
    const key = context.key.split('sample')
    secondsPerField = await drawEach(
      { run, box, thetas, points, sampler, steps, threads, device, key, label: 'drawing fields' },
      context,
      (index, field, used) => parts.write(index, field, { evaluations: used }),
      parts.has,
    )
    for (let i = 0; i < n; i++) evaluations = Math.max(evaluations, parts.read(i).facts.evaluations)
    await parts.join(n, { seed, force })
  } catch (error) {
    // What has been drawn stays for --resume; after a failure, as of the disk, nothing does.
    if (!(error instanceof Interrupted || context.signal.aborted || resume)) parts.remove()
    throw error
  }
  context.print(`${n} fields of ${points} points in ${out}, ${evaluations} evaluations each`)
  context.json({ out, n, seconds_per_field: secondsPerField, evaluations, box, points })
}

/** SHA-256 of what a model is made of: a resumed draw must go on with the same. */
function digestOf(run: string): string {
  const hash = createHash('sha256')
  for (const name of ['config.json', 'normalisation.json', 'pairs.safetensors', 'model.safetensors', 'marks.safetensors']) {
    const path = join(run, name)
    if (existsSync(path)) hash.update(name).update(readFileSync(path))
  }
  return hash.digest('hex').slice(0, 16)
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
