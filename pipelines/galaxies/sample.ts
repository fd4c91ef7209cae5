import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Key, UsageError } from '../../core/index.js'
import { type Field, fields } from '../../io/galaxies/index.js'
import { stippleVersion } from '../../io/rootAttributes.js'
import type { Facts, Making } from '../case.js'
import type { CommonOptions, RunContext } from '../run/context.js'
import { runOrShipped } from '../run/shipped.js'
import { openDrawer } from './draw.js'
import { countsAbove } from './heaviest.js'
import { checkTheta, type GalaxiesModel, loadGalaxiesModel } from './model.js'
import { type DrawSampler, samplerFor } from './sampler.js'
import { sampleSize } from './sampleSize.js'
import { drawnThetas, type NamedParameters, namedParameters } from './sampleTheta.js'

/** Lengths in Mpc/h. */
export interface SampleOptions extends CommonOptions, NamedParameters {
  /** Parameters not named are held at the fiducial cosmology instead of drawn from the prior. */
  readonly fiducialRest: boolean
  readonly n: number
  /** Side of the periodic box; default that of the model's training. */
  readonly box?: number
  /** Halos a field, the heaviest; default the model's number density times the volume. */
  readonly points?: number
  /** log10 Msun/h: halos down to this mass instead of a number of them. */
  readonly logMassMin?: number
  readonly steps: number
  /** Without one, the best that the model has within `steps`. */
  readonly sampler?: DrawSampler
}

/**
 * `stipple galaxies sample`: halo fields at the named parameters, drawn in parallel, a field a thread.
 *
 * JSON besides: `evaluations` of the model a field, `box`, `points` (least and most of a field).
 */
export async function planSampling(options: SampleOptions, context: RunContext): Promise<Making<Field>> {
  const { n, seed, logMassMin, steps, threads, device, extrapolate, fiducialRest, out } = options
  const run = runOrShipped('galaxies', options.run)
  const model = await loadGalaxiesModel(run)
  const sampler = samplerFor(model, steps, options.sampler)
  const named = namedParameters(options)
  const thetas = drawnThetas(model, named, fiducialRest, n, context.key.split('theta'))
  for (const theta of thetas) checkTheta(model, theta, extrapolate)
  const { box, points, heaviest } = sampleSize(model, options)
  const keep = keptOf(model, { thetas, volume: box ** 3, heaviest }, options, context.key.split('count'))
  const key = context.key.split('sample')
  const counts: number[] = []
  let evaluations = 0
  return {
    kind: fields,
    n,
    identity: {
      version: stippleVersion(),
      model: digestOf(run),
      extrapolate,
      points: heaviest ?? points,
      ...(logMassMin !== undefined && { logMassMin }),
      seed,
      named,
      fiducialRest,
      box,
      sampler,
      steps,
    },
    finished: { evaluations: 0 },
    block: 1,
    label: 'drawing fields',
    begins:
      box > model.box
        ? [`waves longer than the ${model.box} Mpc/h of the model's training are left as in uniform points`]
        : [],
    open(blocks) {
      const request = { run, box, thetas, points, keep, logMassMin, sampler, steps, device, key }
      const drawer = openDrawer(request, Math.min(threads, blocks), context.signal)
      return {
        // All are asked for at once: each waits for its thread.
        atOnce: blocks,
        async make({ index }) {
          const { field, evaluations } = await drawer.draw(index)
          return { objects: [field], facts: { evaluations, points: field.points } }
        },
        close: drawer.close,
      }
    },
    eachPart(facts: Facts) {
      evaluations = Math.max(evaluations, facts.evaluations)
      counts.push(facts.points)
    },
    report() {
      const range = [Math.min(...counts), Math.max(...counts)]
      const halos = range[0] === range[1] ? `${range[0]}` : `${range[0]} to ${range[1]}`
      return {
        lines: [`${n} fields of ${halos} points in ${out}, ${evaluations} evaluations each`],
        json: { evaluations, box, points: range },
      }
    },
  }
}

/** How many halos of each field are kept; absent where all are. */
function keptOf(
  { marks }: GalaxiesModel,
  {
    thetas,
    volume,
    heaviest,
  }: {
    readonly thetas: readonly Readonly<Record<string, number>>[]
    readonly volume: number
    readonly heaviest?: number
  },
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
