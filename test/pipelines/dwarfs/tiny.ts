import { join } from 'node:path'
import { type Key, makeKey, normal, uniform } from '../../../core/index.js'
import type { Dwarf } from '../../../io/dwarfs/dwarf.js'
import { dwarfs as dwarfKind } from '../../../io/dwarfs/index.js'
import { writeObjects } from '../../../io/objects/index.js'
import { type EvaluateOptions, planEvaluation } from '../../../pipelines/dwarfs/evaluate.js'
import { type InferOptions, planInference } from '../../../pipelines/dwarfs/infer.js'
import { planSimulation } from '../../../pipelines/dwarfs/simulate.js'
import type { SimulateDwarfsOptions } from '../../../pipelines/dwarfs/simulateOptions.js'
import { planTraining } from '../../../pipelines/dwarfs/train.js'
import type { EmbeddedMethod } from '../../../pipelines/learn/methodNames.js'
import { type CommonOptions, quietContext, type RunContext } from '../../../pipelines/run/context.js'
import { evaluate } from '../../../pipelines/verbs/evaluate.js'
import { infer } from '../../../pipelines/verbs/infer.js'
import { simulate } from '../../../pipelines/verbs/simulate.js'
import { train } from '../../../pipelines/verbs/train.js'
import { type DwarfPrior, drawDwarf, dwarfPrior, type StarCount } from '../../../simulators/dwarfs/index.js'
import { common } from '../common.js'

/**
 * Stars strewn about a centre with other velocities, errors and memberships each: what has no physics, but every
 * column.
 */
export function strewn(key: Key, stars: number, members = false): Dwarf {
  return {
    stars,
    positions: normal(key.split('places'), 2 * stars),
    velocities: normal(key.split('speeds'), stars).map(z => 10 * z),
    velocityErrors: uniform(key.split('errors'), stars).map(u => 1 + 3 * u),
    ...(members && { membership: uniform(key.split('members'), stars).map(u => 0.2 + 0.8 * u) }),
    theta: { gamma: 1 },
  }
}

/** Galaxies from the prior, of some twenty stars unless told otherwise. */
export function drawnDwarfs(name: string, n: number, stars: StarCount | number = 20, prior = dwarfPrior): Dwarf[] {
  return Array.from({ length: n }, (_, i) => {
    const {
      rejected: _rejected,
      redrawn: _redrawn,
      ...dwarf
    } = drawDwarf(makeKey(5).split(name).split(i), prior, { stars })
    return dwarf
  })
}

export async function writeGalaxies(path: string, dwarfs: readonly Dwarf[], prior: DwarfPrior | string = dwarfPrior) {
  const told = typeof prior === 'string' ? prior : JSON.stringify(prior)
  await writeObjects(dwarfKind, path, dwarfs, { seed: 5, attributes: told === '' ? {} : { prior: told } })
  return path
}

/** A network that trains in a second. */
export const tinySettings: readonly string[] = [
  ...['embedding.width=8', 'embedding.layers=1', 'embedding.outputs=4'],
  ...['flow.layers=1', 'flow.width=8', 'flow.bins=4'],
  ...['train.batch=16', 'train.steps=24', 'train.warmup=2', 'train.validateEvery=8', 'train.checkpointEvery=8'],
  'data.validation=0.2',
]

export interface TrainOptions extends CommonOptions {
  readonly data: readonly string[]
  readonly method?: EmbeddedMethod
}

/** The verbs of the case, as the command line runs them. */
export const simulateDwarfs = (options: SimulateDwarfsOptions, context: RunContext) =>
  simulate('dwarfs', () => planSimulation(options, context), options, context)
export const trainDwarfs = (options: TrainOptions, context: RunContext) =>
  train('dwarfs', () => planTraining(options), options, context)
export const inferDwarf = (path: string, options: InferOptions, context: RunContext) =>
  infer('dwarfs', () => planInference(options, context, [path]), options, context)
export const evaluateDwarfs = (options: EvaluateOptions, context: RunContext) =>
  evaluate('dwarfs', () => planEvaluation(options, context), options, context)

/** What the tests read of the JSON of training. */
export interface TrainResult {
  readonly steps: number
  readonly loss: number
  readonly galaxies: Readonly<Record<'training' | 'validation', number>>
  readonly stars: readonly [number, number]
  /** best mean log q(theta | x) of each network over held-out galaxies, nats above the prior's density */
  readonly information: readonly number[]
}

export function trainOptions(data: string, out: string, changes: Partial<TrainOptions> = {}): TrainOptions {
  return { ...common, data: [data], out, set: tinySettings, ...changes }
}

/** What a pipeline says as its JSON. */
export async function saidBy<T>(
  run: (context: RunContext) => Promise<unknown>,
  changes: Partial<RunContext> = {},
): Promise<T> {
  let said: unknown
  await run(quietContext(makeKey(1), { json: result => (said = result), ...changes }))
  return said as T
}

/** A run folder in `folder` trained on its own galaxies, and what training said. */
export async function tinyRun(
  folder: string,
  set: readonly string[] = [],
  dwarfs = drawnDwarfs('training', 100),
  prior = dwarfPrior,
) {
  const data = await writeGalaxies(join(folder, 'training.h5'), dwarfs, prior)
  const run = join(folder, 'run')
  const result = await saidBy<TrainResult>(context =>
    trainDwarfs(trainOptions(data, run, { set: [...tinySettings, ...set] }), context),
  )
  return { run, data, dwarfs, result }
}
