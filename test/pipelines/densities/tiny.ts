import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Key, makeKey, normal, uniform } from '../../../core/index.js'
import { type EvaluateOptions, planEvaluation } from '../../../pipelines/densities/evaluate.js'
import { type InferOptions, planInference } from '../../../pipelines/densities/infer.js'
import { planSimulation, type SimulateDensitiesOptions } from '../../../pipelines/densities/simulate.js'
import { planTraining, type TrainOptions } from '../../../pipelines/densities/train.js'
import { quietContext, type RunContext } from '../../../pipelines/run/context.js'
import { evaluate } from '../../../pipelines/verbs/evaluate.js'
import { infer } from '../../../pipelines/verbs/infer.js'
import { simulate } from '../../../pipelines/verbs/simulate.js'
import { train } from '../../../pipelines/verbs/train.js'
import { common } from '../common.js'

/** Spread of the noise of the tiny simulator. */
export const noise = 0.3

/** theta uniform in [-1, 1]^2, x = theta + noise: rows `[a, b, p, q]`. */
export function tinyRows(n: number, key: Key = makeKey(3)): number[][] {
  const theta = uniform(key.split('theta'), 2 * n)
  const errors = normal(key.split('x'), 2 * n)
  return Array.from({ length: n }, (_, i) => {
    const [a, b] = [2 * theta[2 * i] - 1, 2 * theta[2 * i + 1] - 1]
    return [a, b, a + noise * errors[2 * i], b + noise * errors[2 * i + 1]]
  })
}

export function writeTable(
  path: string,
  rows: readonly (readonly (number | string)[])[],
  header = 'theta_a,theta_b,x_p,x_q',
) {
  writeFileSync(path, `${header}\n${rows.map(row => row.join(',')).join('\n')}\n`)
  return path
}

export const tinyPrior = { a: { uniform: [-1, 1] }, b: { uniform: [-1, 1] } }

export function writePrior(folder: string, prior: unknown = tinyPrior): string {
  const path = join(folder, 'prior.json')
  writeFileSync(path, JSON.stringify(prior))
  return path
}

/** A network that trains in a second. */
export const tinySettings: readonly string[] = [
  ...['network.flow=maf', 'network.layers=1', 'network.hidden=[8]', 'network.width=8', 'network.blocks=0'],
  ...['train.batch=32', 'train.epochs=8', 'train.checkpointEvery=5', 'train.patience=100'],
]

export function trainOptions(data: readonly string[], out: string, changes: Partial<TrainOptions> = {}): TrainOptions {
  return { ...common, data, out, rounds: 1, simulations: 100, set: tinySettings, ...changes }
}

export function inferOptions(run: string, observation: string, changes: Partial<InferOptions> = {}): InferOptions {
  return { ...common, run, observation, n: 400, ...changes }
}

export function evaluateOptions(changes: Partial<EvaluateOptions>): EvaluateOptions {
  return { ...common, simulations: 100, index: 0, data: [], rows: 0, ...changes }
}

/** The verbs of the case, as the command line runs them. */
export const simulateDensities = (options: SimulateDensitiesOptions, context: RunContext) =>
  simulate('densities', () => planSimulation(options, context), options, context)
export const trainDensities = (options: TrainOptions, context: RunContext) =>
  train('densities', () => planTraining(options), options, context)
export const inferDensities = (options: InferOptions, context: RunContext) =>
  infer('densities', () => planInference(options, context), options, context)
export const evaluateDensities = (options: EvaluateOptions, context: RunContext) =>
  evaluate('densities', () => planEvaluation(options, context), options, context)

/** What the tests read of the JSON of training. */
export interface TrainResult {
  readonly rows: Readonly<Record<'all' | 'training' | 'validation', number>>
  /** simulations that failed, by kind, where a simulator was run */
  readonly failures?: Readonly<Record<string, number>>
}

/** What a pipeline says as its JSON, and what it warned of. */
export async function saidBy<T>(run: (context: RunContext) => Promise<unknown>, changes: Partial<RunContext> = {}) {
  let said: unknown
  const warned: string[] = []
  const log = { info: () => {}, debug: () => {}, warn: (text: string) => warned.push(text) }
  await run(quietContext(makeKey(1), { json: result => (said = result), log, ...changes }))
  return { said: said as T, warned }
}
