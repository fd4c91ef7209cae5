import { type Key, keyOf, periodicBox, uniform, wrapPositions } from '../../core/index.js'
import type { Device } from '../../engine/index.js'
import { logUniformSigmas, type SamplerName, sampleBy, stepsWithin } from '../../generative/diffusion/index.js'
import type { Field } from '../../io/galaxies/field.js'
import { heaviest } from '../../io/galaxies/index.js'
import { drawFlow, flowOf } from './flow.js'
import { heaviestAbove } from './heaviest.js'
import { drawByLadder } from './ladderDraw.js'
import { drawMarks, orderByMass } from './marks/index.js'
import { denoiserOf, type GalaxiesModel, loadGalaxiesModel, noisePredictor } from './model.js'
import { noiseRange } from './network.js'
import { type DrawSampler, samplerFor } from './sampler.js'

export interface DrawTask {
  /** run folder */
  readonly run: string
  readonly key: readonly [number, number]
  readonly theta: Readonly<Record<string, number>>
  /** Mpc/h */
  readonly box: number
  /** drawn by the score */
  readonly points: number
  /** the heaviest so many of them are kept, by masses that the model must know; all without it */
  readonly keep?: number
  /** log10 Msun/h that the kept are all halos above */
  readonly logMassMin?: number
  readonly sampler: DrawSampler
  /** evaluations of the model that the sampler may use; `ode` takes its own */
  readonly steps: number
  readonly device: Device
}

export interface Drawn {
  /** positions in [0, box); with masses (heaviest first) and velocities where the model knows them */
  readonly field: Field
  readonly evaluations: number
  readonly seconds: number
}

/**
 * From this share of the box upward noise leaves nothing to be known: the fundamental mode keeps exp(-(2 pi .5)^2 / 2)
 * = .007 of its amplitude. Levels of training above it, in a small box, are not asked for.
 */
const uniformFrom = 0.5

/** The models a worker has read, by run folder. */
const models = new Map<string, Promise<GalaxiesModel>>()

/** Draws one field on a worker thread: from uniform points down the noise levels. */
export default async function drawOne(task: DrawTask): Promise<Drawn> {
  const started = performance.now()
  const reading = models.get(task.run) ?? loadGalaxiesModel(task.run)
  models.set(task.run, reading)
  const model = await reading
  const key = keyOf(...task.key)
  const { box, points } = task
  // The wrapped normal of the largest level is all but uniform on the torus: see config.noise.
  const start = uniform(key.split('start'), points * 3).map(u => u * box)
  const steps = key.split('steps')
  const sampler = samplerFor(model, task.steps, task.sampler)
  const { lifted, evaluations } =
    sampler === 'ladder'
      ? await drawByLadder(model.ladder!, task.theta, { start, box, uniformFrom }, steps)
      : await drawByScore(model, { ...task, sampler, start }, steps)
  const positions = wrapPositions(Float32Array.from(lifted), periodicBox(box))
  const field = await marked({ points, positions, box: periodicBox(box), theta: task.theta }, model, task)
  return { field, evaluations, seconds: (performance.now() - started) / 1000 }
}

/** Down the noise levels by the score, or along its flow. */
async function drawByScore(
  model: GalaxiesModel,
  task: DrawTask & { readonly sampler: SamplerName; readonly start: Float32Array },
  key: Key,
): Promise<{ readonly lifted: Float32Array; readonly evaluations: number }> {
  const { theta, box, points, steps: evaluations, device, sampler, start } = task
  const { sigmaMin, sigmaMax } = noiseRange(model.config, model.box)
  const predict = await noisePredictor(model, theta, points, { threads: 1, device, box })
  const flow = flowOf(model.config, model.box)
  const steps = stepsWithin(sampler, evaluations)
  const largest = Math.min(sigmaMax, uniformFrom * box)
  const sigmas = logUniformSigmas({ largest, smallest: Math.min(sigmaMin, largest / 2), steps, toZero: true })
  const uniformState = { shape: [1, points, 3] as const, values: start }
  const drawn = flow
    ? await drawFlow(predict, uniformState, flow, { sampler, evaluations })
    : await sampleBy(sampler, denoiserOf(predict), { noise: uniformState, sigmas, key })
  return { lifted: drawn.state.values, evaluations: drawn.evaluations }
}

/** The field with masses and velocities, heaviest first, and of it those that are kept. */
async function marked(
  field: Field,
  { marks }: GalaxiesModel,
  { key: words, keep, logMassMin }: DrawTask,
): Promise<Field> {
  if (!marks) return field
  const key = keyOf(...words).split('marks')
  const drawn = await drawMarks(marks, field, key, { extrapolate: true })
  const ordered = orderByMass({ ...field, ...drawn })
  if (keep === undefined) return ordered
  return logMassMin === undefined
    ? heaviest(ordered, keep)
    : heaviestAbove(ordered, marks, { count: keep, threshold: logMassMin }, key.split('above'))
}
