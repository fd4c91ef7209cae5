import * as tf from '@tensorflow/tfjs'
import { z } from 'zod'
import { type Key, normal, parametersOf, uniform } from '../../../core/index.js'
import { productPrior } from '../../../generative/prior/index.js'
import { type Method, type MethodReader, makeMethod } from '../../../generative/sbi/index.js'
import { readRows } from '../../../generative/sbi/readers/rows.js'
import { chunksOf, type ObjectKind, objectAt, openAllObjects } from '../../../io/objects/index.js'
import { judgeableObjects } from '../../../pipelines/answers/judgeableObjects.js'
import { fitGroup, regionIn, regionTensors } from '../../../pipelines/answers/trainedRegion.js'
import { unusualIn } from '../../../pipelines/answers/unusualIn.js'
import {
  type Calibrating,
  type Case,
  caseVerb,
  type Inference,
  type Learning,
  type Making,
  type OpenPosterior,
  type Stage,
} from '../../../pipelines/case.js'
import { fileNames, madeBy } from '../../../pipelines/learn/card.js'
import { learnObjects } from '../../../pipelines/learn/learnObjects.js'
import { readModel, writeModel } from '../../../pipelines/learn/modelFile.js'
import { count, ensembleSettings, optimiserSettings, stepSettings } from '../../../pipelines/learn/settings.js'
import { real, text, texts, whole } from '../../../pipelines/options.js'
import type { CommonOptions, RunContext } from '../../../pipelines/run/context.js'
import { finishedRun, runOrShipped } from '../../../pipelines/run/shipped.js'
import { type Split, splitBySimulation } from '../../../pipelines/stream/index.js'
import { makerOf } from '../../../pipelines/verbs/making.js'

// Pendulums: some timed swings of each, from which its length follows. A whole case, as small as one can be.

/** A pendulum and how long its swings took. */
export interface Pendulum {
  readonly swings: number
  /** `[swings]` s */
  readonly periods: Float32Array
  /** `length`, m */
  readonly theta?: Readonly<Record<string, number>>
}

export const pendulums: ObjectKind<Pendulum> = {
  subject: 'pendulums',
  noun: 'pendulums',
  one: 'pendulum',
  points: { layout: 'ragged', one: 'swing', count: 'swings' },
  columns: [
    { name: 'periods', property: 'periods', shape: 'point', dtype: 'f4', units: 's' },
    { name: 'theta', property: 'theta', shape: 'row', dtype: 'f8', units: 'm', optional: true },
  ],
}

// The simulator: T = 2 pi sqrt(L / g), each swing timed to `timing`.
export const gravity = 9.81
export const timing = 0.05
const parameters = parametersOf(productPrior({ length: { uniform: [0.2, 2] } }), { units: ['m'], labels: ['L'] })

export function timedPendulum(length: number, swings: number, key: Key): Pendulum {
  const period = 2 * Math.PI * Math.sqrt(length / gravity)
  const periods = normal(key.split('errors'), swings).map(z => period + timing * z)
  return { swings, periods, theta: { length } }
}

function drawnPendulum(key: Key): Pendulum {
  const { toTheta } = parameters.prior
  const [length] = toTheta(Float64Array.from(normal(key.split('length'), 1)))
  return timedPendulum(length, 4 + Math.floor(6 * uniform(key.split('swings'), 1)[0]), key)
}

/** Objects one at a time, each from a key of its own number. */
function making(n: number, identity: Making<Pendulum>['identity'], draw: (index: number) => Pendulum) {
  return {
    kind: pendulums,
    n,
    identity: { n, ...identity },
    block: 50,
    label: 'drawing pendulums',
    open: () => makerOf(draw),
  } satisfies Making<Pendulum>
}

async function planSimulation({ n, seed }: CommonOptions & { readonly n: number }, { key }: RunContext) {
  return making(n, { seed }, index => drawnPendulum(key.split('simulate').split(index)))
}

// What is learned: the posterior of the length by any method, and a generator, ln T = ln(L) / 2 + offset + scatter.

const toyConfig = z.object({
  method: z.enum(['npe', 'nre', 'fmpe', 'npse']).default('npe'),
  width: count(4).default(16),
  train: z
    .object({
      ...ensembleSettings({ members: 2, patience: 20 }),
      ...stepSettings({ steps: 400, warmup: 20, validateEvery: 20 }),
      ...optimiserSettings({ learningRate: 1e-2, weightDecay: 1e-4, clip: 5, ema: 0.95, checkpointEvery: 50 }),
      batch: count(2).default(64),
    })
    .prefault({}),
})
type ToyConfig = z.output<typeof toyConfig>

function mean(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** A pendulum as the mean of its periods, and how much that is worth. */
function reader(width: number): MethodReader<Pendulum> {
  const summary = readRows(2, width, 1)
  return {
    encode: objects => ({
      numbers: {
        shape: [objects.length, 2],
        values: Float32Array.from(
          objects.flatMap(({ periods, swings }) => [2 * mean(periods) - 4, Math.log(swings) - 2]),
        ),
      },
    }),
    summary: { ...summary, apply: (params, { numbers }) => summary.apply(params, tf.clipByValue(numbers, -9, 9)) },
  }
}

function methodOf({ method, width }: Pick<ToyConfig, 'method' | 'width'>): Method<Pendulum> {
  return makeMethod(method, {
    parameters,
    reader: reader(width),
    flow: 'nsf-coupling',
    layers: 2,
    hidden: [width],
    bins: 6,
    width,
  })
}

const lengthOf = ({ theta }: Pendulum) => theta?.length ?? Number.NaN
const targets = (some: readonly Pendulum[]) =>
  Float32Array.from(parameters.prior.toNormal(Float64Array.from(some, lengthOf)))

interface Generator {
  readonly offset: number
  readonly scatter: number
}

function fitGenerator(objects: readonly Pendulum[]): Generator {
  const logs = objects.map(({ periods, theta }) => periods.map(t => Math.log(t / Math.sqrt(theta?.length ?? 1))))
  const offset = mean(Float32Array.from(logs, mean))
  const squares = logs.map(log => mean(log.map(value => (value - offset) ** 2)))
  return { offset, scatter: Math.sqrt(mean(Float32Array.from(squares))) }
}

async function planTraining(): Promise<Learning<ToyConfig>> {
  return { schema: toyConfig, presets: { quick: { train: { steps: 200 } } }, learn }
}

async function learn(stage: Stage<ToyConfig>) {
  const { folder, config, data: paths, seed, threads, context } = stage
  const data = chunksOf(await openAllObjects(pendulums, paths))
  try {
    const objects: Pendulum[] = []
    for await (const object of data.read(0, data.count, context.signal)) objects.push(object)
    const key = context.key.split('toy')
    const split = splitBySimulation(key, data.count, 0.2)
    const method = methodOf(config)
    const { members, information, facts } = await learnObjects({
      ...{ stage, data, split, key, method },
      pairs: (indices, own) => ({ key: own, indices, batch: config.train.batch, targets }),
    })
    const region = regionOf(objects, split)
    const generator = fitGenerator(objects)
    writeModel(folder.file('model.safetensors'), { members, tensors: regionTensors(region), facts: { generator } })
    const made = `${madeBy({ seed, from: fileNames(paths) })}: ${data.count} pendulums, ${facts.steps} steps on ${threads} threads.`
    return { ...facts, json: { information }, card: { title: 'lengths of pendulums', parts: [made] } }
  } finally {
    data.close()
  }
}

/** What makes a pendulum unlike the simulated ones: its mean period, and how its periods scatter. */
function seen({ periods }: Pendulum): Float32Array {
  const centre = mean(periods)
  return Float32Array.of(centre, Math.log(1e-3 + Math.sqrt(mean(periods.map(t => (t - centre) ** 2)))))
}

function regionOf(objects: readonly Pendulum[], { training, validation }: Split) {
  const rows = (indices: Int32Array) => Array.from(indices, i => seen(objects[i]))
  return [fitGroup(0, rows(training), rows(validation))]
}

async function openModel(run: string | undefined) {
  const { config, weights } = await finishedRun(runOrShipped('pendulums', run), toyConfig)
  const file = readModel(weights)
  const method = methodOf(config)
  return {
    config,
    method,
    file,
    members: file.members(config.train.members, method),
  }
}

async function openPosterior({ run, threads }: CommonOptions): Promise<OpenPosterior<Pendulum>> {
  const { config, method, members, file } = await openModel(run)
  return {
    posterior: method.posterior(members, { threads }),
    method: config.method,
    ...unusualIn<Pendulum>(regionIn(file.tensors), async some => some.map(seen), {
      noun: { one: 'pendulum', many: 'pendulums' },
    }),
  }
}

async function planSampling(
  {
    n,
    length,
    swings,
    run,
    seed,
  }: CommonOptions & { readonly n: number; readonly length: number; readonly swings: number },
  { key }: RunContext,
) {
  const { offset, scatter } = (await openModel(run)).file.fact<Generator>('generator')
  return making(n, { seed, length, swings, run }, index => {
    const z = normal(key.split('sample').split(index), swings)
    const periods = z.map(value => Math.sqrt(length) * Math.exp(offset + scatter * value))
    return { swings, periods, theta: { length } }
  })
}

async function planInference(
  options: CommonOptions & { readonly n: number },
  { key, signal }: RunContext,
  [path]: readonly string[],
): Promise<Inference<Pendulum>> {
  const observation = await objectAt(pendulums, [path], 0, signal)
  return {
    observation,
    opened: await openPosterior(options),
    n: options.n,
    key: key.split('infer'),
    title: 'How long is the pendulum?',
    lead: `${observation.swings} swings.`,
    truth: observation.theta && [lengthOf(observation)],
    bounds: [[0.2, 2]],
    provenance: [{ label: 'swings', value: path }],
    explain: ({ theta }) => ({
      json: { gravity_assumed: gravity, longest: theta.reduce((a, b) => Math.max(a, b), 0) },
    }),
  }
}

async function planEvaluation(
  options: CommonOptions & { readonly data: readonly string[]; readonly n: number },
  { key, signal }: RunContext,
): Promise<Calibrating<Pendulum>> {
  const data = chunksOf(await openAllObjects(pendulums, options.data))
  const keyOf = (index: number) => key.split('evaluate').split(index)
  const thetaOf = (object: Pendulum) => [lengthOf(object)]
  const { count } = data
  return {
    kind: 'calibration',
    opened: await openPosterior(options),
    simulations: () => judgeableObjects(data, { count, thetaOf, keyOf, signal }),
    ...{ n: options.n, key, count, noun: 'pendulums', block: 32, bounds: [[0.2, 2]] },
    ...{ title: 'Are the lengths true?', by: 'the network', data: options.data, provenance: [], close: data.close },
  }
}

const n = whole('--n <count>', 'how many', 100, { min: 1 })
const data = texts('--data <files...>', 'timed pendulums', true)

export const toy: Case = {
  name: 'pendulums',
  description: 'lengths of pendulums from their swings',
  simulate: caseVerb({
    description: 'time pendulums',
    requires: ['out'],
    options: { n },
    load: async () => planSimulation,
  }),
  train: caseVerb({
    description: 'learn lengths',
    requires: ['out'],
    options: { data },
    load: async () => planTraining,
  }),
  sample: caseVerb({
    description: 'new pendulums of one length',
    requires: ['out'],
    options: { n, length: real('--length <m>', 'length', 1), swings: whole('--swings <count>', 'swings of each', 5) },
    load: async () => planSampling,
  }),
  infer: caseVerb({
    description: 'the length of one pendulum',
    positionals: ['<file>'],
    options: { n, page: text('--page <file>', 'an html page') },
    load: async () => planInference,
  }),
  evaluate: caseVerb({ description: 'are the lengths true?', options: { data, n }, load: async () => planEvaluation }),
}
