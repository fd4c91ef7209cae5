import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Key, type ParameterPrior, type Posterior, parametersOf } from '../../core/index.js'
import { layoutOf, unflattenValues } from '../../engine/index.js'
import type { Row } from '../../generative/sbi/index.js'
import { type RunContext, secondsSince } from '../run/index.js'
import type { DensitiesConfig } from './config.js'
import { type Dropped, ingest, limitsOf } from './ingest.js'
import { learnRows } from './learn.js'
import { blockOf } from './simulationBlocks.js'

/** Simulations in memory, flat rows. */
export interface SimulatedRows {
  readonly rows: number
  /** `[rows, p]` */
  readonly theta: Float64Array
  /** `[rows, d]` */
  readonly x: Float64Array
  readonly xNames: readonly string[]
}

/** A method that has learned, and what that took. */
export interface TrainedOnRows {
  readonly posterior: Posterior<Row>
  readonly dropped: Dropped
  readonly steps: number
  readonly seconds: number
  /** least held-out loss of each network */
  readonly validation: readonly number[]
}

/** Trains on simulations in memory and leaves no run: for benchmarks, rounds, and whoever calls this from a program. */
export async function trainOnRows(
  simulated: SimulatedRows,
  prior: ParameterPrior,
  config: DensitiesConfig,
  { key, threads, context }: { readonly key: Key; readonly threads: number; readonly context: RunContext },
): Promise<TrainedOnRows> {
  const began = performance.now()
  const path = await mkdtemp(join(tmpdir(), 'stipple-densities-'))
  const folder = { resumed: false, file: (name: string) => join(path, name) }
  try {
    const { theta, x, rows, xNames } = simulated
    const simulations = await ingest(
      { blocks: () => [blockOf(theta, x, rows)], rows, from: 'the simulations' },
      {
        prior,
        form: { kind: 'vector', width: xNames.length, names: xNames },
        ...limitsOf(config, folder),
        memory: Number.POSITIVE_INFINITY,
        key: key.split('rows'),
      },
      context.signal,
    )
    const parameters = parametersOf(prior)
    const { method, members } = await learnRows({ folder, config, parameters, simulations, key, context })
    const layout = layoutOf(method.init(key))
    const params = members.map(member => unflattenValues(member.params, layout))
    return {
      posterior: method.posterior(params, { threads }),
      dropped: simulations.dropped,
      steps: members.reduce((sum, { steps }) => sum + steps, 0),
      seconds: secondsSince(began),
      validation: members.map(member => -member.validation),
    }
  } finally {
    await rm(path, { recursive: true, force: true })
  }
}
