import { keyOf, periodicBox, uniform, wrapPositions } from '../../core/index.js'
import type { Device } from '../../engine/index.js'
import { logUniformSigmas, type SamplerName, sampleBy, stepsWithin } from '../../generative/diffusion/index.js'
import { denoiserOf, type GalaxiesModel, loadGalaxiesModel, noisePredictor } from './model.js'
import { noiseRange } from './network.js'

export interface DrawTask {
  /** run folder */
  readonly run: string
  readonly key: readonly [number, number]
  readonly theta: Readonly<Record<string, number>>
  readonly points: number
  readonly sampler: SamplerName
  /** evaluations of the model that the sampler may use; `ode` takes its own */
  readonly steps: number
  readonly device: Device
}

export interface Drawn {
  /** `[points, 3]` Mpc/h in [0, box) */
  readonly positions: Float32Array
  readonly evaluations: number
  readonly seconds: number
}

/** The models a worker has read, by run folder. */
const models = new Map<string, Promise<GalaxiesModel>>()

/** Draws one field on a worker thread: from uniform points down the noise levels. */
export default async function drawOne(task: DrawTask): Promise<Drawn> {
  const started = performance.now()
  const reading = models.get(task.run) ?? loadGalaxiesModel(task.run)
  models.set(task.run, reading)
  const model = await reading
  const key = keyOf(...task.key)
  const { sigmaMin, sigmaMax } = noiseRange(model.config, model.box)
  const predict = await noisePredictor(model, task.theta, task.points, { threads: 1, device: task.device })
  // The wrapped normal of the largest level is all but uniform on the torus: see config.noise.
  const start = uniform(key.split('start'), task.points * 3).map(u => u * model.box)
  const steps = stepsWithin(task.sampler, task.steps)
  const sigmas = logUniformSigmas({ largest: sigmaMax, smallest: sigmaMin, steps, toZero: true })
  const { state, evaluations } = await sampleBy(
    task.sampler,
    denoiserOf(predict),
    { shape: [1, task.points, 3], values: start },
    sigmas,
    key.split('steps'),
  )
  const positions = wrapPositions(Float32Array.from(state.values), periodicBox(model.box))
  return { positions, evaluations, seconds: (performance.now() - started) / 1000 }
}
