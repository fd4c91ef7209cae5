import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DataError, type Key } from '../../core/index.js'
import { layoutOf, unflattenValues } from '../../engine/index.js'
import { drawPrior, type ProductPrior } from '../../generative/prior/index.js'
import { nextRound } from '../../generative/sbi/index.js'
import { readSafetensors, writeSafetensors } from '../../io/index.js'
import type { RunContext, RunFolder } from '../run/index.js'
import type { DensitiesConfig } from './config.js'
import type { ObservationForm } from './form.js'
import { ingest, limitsOf, type SimulationSource, type Simulations } from './ingest.js'
import { learnRows } from './learn.js'
import { parametersOf } from './model.js'
import { blockOf, type SimulationBlock } from './simulationBlocks.js'
import {
  addFailures,
  type Failures,
  failuresText,
  noFailures,
  type SimulationsMade,
  simulateRows,
} from './simulator/simulateRows.js'
import type { Simulator } from './simulator/simulator.js'

export interface RoundsTask {
  readonly folder: Pick<RunFolder<DensitiesConfig>, 'file' | 'resumed' | 'config'>
  readonly prior: ProductPrior
  readonly simulator: Simulator
  /** in all */
  readonly rounds: number
  /** simulations a round */
  readonly simulations: number
  /** what the rounds look at; needed for more than one. Its length is that of the data */
  readonly observation?: { readonly x: Float64Array; readonly names: readonly string[] }
  /** simulations that there are already, which the first round then leaves out */
  readonly given?: SimulationSource
  readonly key: Key
  readonly threads: number
  readonly context: RunContext
}

/** Simulations of all rounds, and how many failed. */
export interface Rounds {
  readonly simulations: Simulations
  readonly failures: Failures
  /** asked for in all, with those given */
  readonly rows: number
}

/**
 * Simulates round after round: the first from the prior, each other where the posterior of the observation lies that
 * was learned of all rounds before (see `nextRound`). What was proposed and what came back is on disk under rounds/, so
 * that a run that is killed goes on.
 *
 * @throws DataError where a round leaves nothing to learn from
 */
export async function simulateRounds(task: RoundsTask): Promise<Rounds> {
  const { folder, prior, simulator, rounds, observation, given, key, context } = task
  const made: SimulationsMade[] = []
  let failures = noFailures
  const width = () => observation?.x.length ?? made[0]?.width
  for (let round = 0; ; round++) {
    if (round > 0 || given === undefined) {
      const theta = await proposals(task, round, made)
      const found = await simulateRows(simulator, theta, {
        names: prior.names,
        journal: join(folder.file('rounds'), `${round}.jsonl`),
        giveUp: folder.config.simulator.giveUp,
        width: width(),
        context,
        label: rounds > 1 ? `simulating, round ${round + 1} of ${rounds}` : 'simulating',
      })
      made.push(found)
      failures = addFailures(failures, found.failures)
      const lost = failuresText(found.failures)
      if (lost !== '') context.log.warn(`Of ${theta.length / prior.names.length} simulations some failed: ${lost}.`)
      if (found.rows === 0) {
        throw new DataError('expected the simulator to answer', `got ${lost}`, 'mend it and train again with --force')
      }
    }
    if (round + 1 < rounds) continue
    const rows = (given?.rows ?? 0) + made.length * task.simulations
    return { simulations: await all(task, made, key.split('rows')), failures, rows }
  }
}

/** Where round `round` simulates; kept, so that what was simulated always belongs to it. */
async function proposals(task: RoundsTask, round: number, made: readonly SimulationsMade[]): Promise<Float64Array> {
  const { folder, prior, simulations, key } = task
  const path = join(folder.file('rounds'), `${round}.safetensors`)
  if (existsSync(path)) return readSafetensors(path).tensors.theta.values as Float64Array
  const own = key.split('round').split(round)
  const theta = round === 0 ? drawPrior(prior, simulations, own) : await learnedProposals(task, round, made, own)
  mkdirSync(folder.file('rounds'), { recursive: true })
  writeSafetensors(path, { theta: { shape: [theta.length / prior.names.length, prior.names.length], values: theta } })
  return theta
}

async function learnedProposals(
  task: RoundsTask,
  round: number,
  made: readonly SimulationsMade[],
  key: Key,
): Promise<Float64Array> {
  const { folder, prior, threads, context, observation } = task
  const { config } = folder
  const simulations = await all(task, made, key.split('rows'))
  try {
    const path = join(folder.file('rounds'), String(round))
    mkdirSync(path, { recursive: true })
    const own = { file: (name: string) => join(path, name), resumed: folder.resumed }
    const parameters = parametersOf(
      prior,
      prior.names.map(() => ''),
    )
    const { method, members } = await learnRows({ folder: own, config, parameters, simulations, key, context })
    const form = layoutOf(method.init(key))
    const params = members.map(member => unflattenValues(member.params, form))
    const posterior = method.posterior(params, { threads })
    try {
      const { z, kept } = await nextRound(config.method, {
        posterior,
        observation: observation!.x,
        n: task.simulations,
        key: key.split('proposals'),
      })
      if (kept < 1) context.log.info(`round ${round + 1} keeps ${(100 * kept).toPrecision(3)}% of the prior`)
      return prior.toTheta(z)
    } finally {
      await posterior.close()
    }
  } finally {
    simulations.close()
  }
}

async function all(task: RoundsTask, made: readonly SimulationsMade[], key: Key): Promise<Simulations> {
  const { prior, folder, observation, given, context } = task
  const width = observation?.x.length ?? made[0].width
  const names = observation?.names ?? Array.from({ length: width }, (_, i) => String(i + 1))
  const form: ObservationForm = { kind: 'vector', width, names }
  async function* blocks(): AsyncGenerator<SimulationBlock> {
    let start = 0
    if (given) {
      for await (const block of given.blocks()) yield block
      start = given.rows
    }
    for (const { theta, x, rows } of made) {
      if (rows > 0) yield { ...blockOf(theta, x, rows), start }
      start += rows
    }
  }
  const rows = (given?.rows ?? 0) + made.reduce((sum, one) => sum + one.rows, 0)
  return ingest(
    { blocks, rows, from: 'what was simulated' },
    { prior, form, ...limitsOf(folder.config, folder), key },
    context.signal,
  )
}
