import type { Key } from '../../core/index.js'
import { c2st, mmd } from '../../generative/calibration/index.js'
import { drawPrior } from '../../generative/prior/index.js'
import { readReference, type Task, type TaskReference } from '../../simulators/tasks/index.js'
import { type RunContext, secondsSince } from '../run/index.js'
import type { DensitiesConfig } from './config.js'
import { type TrainedOnRows, trainOnRows } from './trainedRows.js'

/** One method on one task with so many simulations, judged by every reference posterior that ships. */
export interface TaskCell {
  readonly task: string
  readonly method: string
  readonly simulations: number
  readonly dropped: number
  readonly observations: readonly {
    readonly observation: number
    /** accuracy of a classifier that is to tell draws from the reference: .5 where they are alike */
    readonly c2st: number
    /** squared maximum mean discrepancy */
    readonly mmd: number
    /** probability of as large a one by chance */
    readonly mmdP: number
    readonly diagnostics: Readonly<Record<string, number>>
    readonly seconds: { readonly draws: number; readonly judged: number }
  }[]
  readonly steps: number
  readonly seconds: { readonly simulating: number; readonly training: number; readonly draws: number }
}

/** How many independent draws of one law an observation of a task is. */
const elements: Readonly<Record<string, number>> = { slcp: 4 }

export interface TaskCellOptions {
  readonly simulations: number
  readonly config: DensitiesConfig
  /** draws an observation */
  readonly n: number
  /** numbers of the benchmark's observations */
  readonly observations: readonly number[]
  readonly key: Key
  readonly threads: number
  readonly context: RunContext
}

/** Simulates, trains, draws, and compares with the references. */
export async function runTaskCell(task: Task, options: TaskCellOptions): Promise<TaskCell> {
  const { simulations, key, threads, context, n } = options
  const { theta, x, seconds: simulating } = simulateTask(task, simulations, key)
  const config = { ...options.config, data: { ...options.config.data, elements: elements[task.name] ?? 1 } }
  const rows = { rows: simulations, theta, x, xNames: task.dataNames }
  const trained = await trainOnRows(rows, task.prior, config, { key: key.split('training'), threads, context })
  try {
    const observations = []
    for (const number of options.observations)
      observations.push(await judge(task, number, { ...trained, n }, key.split(number)))
    const { dropped, steps } = trained
    return {
      task: task.name,
      method: config.method,
      simulations,
      dropped: dropped.theta + dropped.x + dropped.outside,
      observations,
      steps,
      seconds: {
        simulating,
        training: trained.seconds,
        draws: observations.reduce((sum, { seconds }) => sum + seconds.draws, 0) / Math.max(1, observations.length),
      },
    }
  } finally {
    await trained.posterior.close()
  }
}

/** Draws of the prior and what is simulated from them; `seconds` that took. */
export function simulateTask(task: Task, simulations: number, key: Key) {
  const began = performance.now()
  const theta = drawPrior(task.prior, simulations, key.split('theta'))
  const x = task.simulate(theta, key.split('x'))
  return { theta, x, seconds: secondsSince(began) }
}

/**
 * Draws beside as many of the reference: with more of the one than of the other a classifier is right by always saying
 * the one.
 */
export async function judgeDraws(reference: TaskReference, theta: Float64Array, p: number, key: Key) {
  const began = performance.now()
  const size = Math.min(reference.draws.length, theta.length)
  const [theirs, ours] = [reference.draws.subarray(0, size), theta.subarray(0, size)]
  const { accuracy } = await c2st({ reference: theirs, sample: ours, dim: p }, key.split('c2st'))
  const discrepancy = mmd({ reference: theirs, sample: ours, dim: p }, key.split('mmd'))
  return { c2st: accuracy, mmd: discrepancy.squared, mmdP: discrepancy.p, seconds: secondsSince(began) }
}

async function judge(
  task: Task,
  observation: number,
  { posterior, n }: Pick<TrainedOnRows, 'posterior'> & { readonly n: number },
  key: Key,
) {
  const reference = readReference(task.name, observation)
  const began = performance.now()
  const { theta, diagnostics } = await posterior.draw(reference.observation, n, key.split('draws'))
  const drawn = secondsSince(began)
  const { seconds, ...judged } = await judgeDraws(reference, theta, task.prior.names.length, key)
  return { observation, ...judged, diagnostics, seconds: { draws: drawn, judged: seconds } }
}
