import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Interrupted, type Key, UsageError } from '../../core/index.js'
import { requireDevice } from '../../engine/index.js'
import { openParts } from '../../io/galaxies/index.js'
import { partsFolder } from '../../io/parts.js'
import { stippleVersion } from '../../io/rootAttributes.js'
import type { RunContext } from '../run/context.js'
import { refuseOverwrite } from '../run/overwrite.js'
import { refuseSettings } from '../run/refuseSettings.js'
import { runOrShipped } from '../run/shipped.js'
import { drawEach } from './draw.js'
import { countsAbove } from './heaviest.js'
import { checkTheta, type GalaxiesModel, loadGalaxiesModel } from './model.js'
import type { SampleOptions } from './options.js'
import { samplerFor } from './sampler.js'
import { sampleSize } from './sampleSize.js'
import { drawnThetas, namedParameters } from './sampleTheta.js'

/**
 * `stipple galaxies sample`: halo fields at the named parameters, drawn in parallel. Finished fields lie beside --out
 * until all are there, so that an interrupted draw goes on with --resume and ends in the same datasets.
 */
export async function sampleGalaxies(options: SampleOptions, context: RunContext): Promise<void> {
  const { n, seed, logMassMin, steps, threads, device, force, resume } = options
  const out = options.out ?? ''
  refuseSettings(options)
  if (resume && existsSync(out) && !existsSync(partsFolder(out))) {
    context.print(`${out} is there already`)
    context.json({ out, n, seconds_per_field: 0, evaluations: 0 })
    return
  }
  await refuseOverwrite(out, force)
  const run = runOrShipped('galaxies', options.run)
  await requireDevice(device)
  const model = await loadGalaxiesModel(run)
  const sampler = samplerFor(model, steps, options.sampler)
  const named = namedParameters(options)
  const thetas = drawnThetas(model, named, options.fiducialRest, n, context.key.split('theta'))
  for (const theta of thetas) checkTheta(model, theta, options.extrapolate)
  const { box, points, heaviest } = sampleSize(model, options)
  const keep = keptOf(model, thetas, box ** 3, heaviest, options, context.key.split('count'))
  if (box > model.box) {
    context.log.info(`waves longer than the ${model.box} Mpc/h of the model's training are left as in uniform points`)
  }
  const version = stippleVersion()
  const request = {
    version,
    model: digestOf(run),
    extrapolate: options.extrapolate,
    points: heaviest ?? points,
    logMassMin,
    seed,
    named,
    fiducialRest: options.fiducialRest,
    box,
    sampler,
    steps,
  }
  const parts = openParts(out, request, { resume, force })
  let secondsPerField: number
  const counts: number[] = []
  let evaluations = 0
  try {
    const key = context.key.split('sample')
    secondsPerField = await drawEach(
      { run, box, thetas, points, keep, logMassMin, sampler, steps, threads, device, key, label: 'drawing fields' },
      context,
      (index, field, used) => parts.write(index, field, { evaluations: used }),
      parts.has,
    )
    for (let i = 0; i < n; i++) {
      const { field, facts } = parts.read(i)
      evaluations = Math.max(evaluations, facts.evaluations)
      counts.push(field.points)
    }
    await parts.join(n, { seed, force }, context.signal)
  } catch (error) {
    // What has been drawn stays for --resume; after a failure, as of the disk, nothing does.
    if (!(error instanceof Interrupted || context.signal.aborted || resume)) parts.remove()
    throw error
  }
  const range = [Math.min(...counts), Math.max(...counts)]
  const halos = range[0] === range[1] ? `${range[0]}` : `${range[0]} to ${range[1]}`
  context.print(`${n} fields of ${halos} points in ${out}, ${evaluations} evaluations each`)
  context.json({ out, n, seconds_per_field: secondsPerField, evaluations, box, points: range })
}

/** How many halos of each field are kept; absent where all are. */
function keptOf(
  { marks }: GalaxiesModel,
  thetas: readonly Readonly<Record<string, number>>[],
  volume: number,
  heaviest: number | undefined,
  { points, logMassMin }: SampleOptions,
  key: Key,
): readonly number[] | undefined {
  if (logMassMin === undefined) return heaviest === undefined ? undefined : thetas.map(() => heaviest)
  if (points !== undefined) {
    throw new UsageError(
      'expected one of --points and --log-mass-min',
      'got both',
      'the threshold says how many halos there are',
    )
  }
  if (!marks) {
    throw new UsageError(
      'expected a model of masses for --log-mass-min',
      'got one of positions alone',
      'train on fields with masses',
    )
  }
  return countsAbove(marks, thetas, logMassMin, volume, key)
}

/** SHA-256 of what a model is made of: a resumed draw must go on with the same. */
function digestOf(run: string): string {
  const hash = createHash('sha256')
  for (const name of [
    'config.json',
    'normalisation.json',
    'pairs.safetensors',
    'ladder.safetensors',
    'model.safetensors',
    'marks.safetensors',
  ]) {
    const path = join(run, name)
    if (existsSync(path)) hash.update(name).update(readFileSync(path))
  }
  return hash.digest('hex').slice(0, 16)
}
