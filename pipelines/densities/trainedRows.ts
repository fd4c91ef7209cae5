import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Key, ParameterPrior } from '../../core/index.js'
import { layoutOf, unflattenValues } from '../../engine/index.js'
import type { Estimator } from '../../generative/sbi/index.js'
import type { RunContext } from '../run/index.js'
import type { DensitiesConfig } from './config.js'
import { type Dropped, ingest } from './ingest.js'
import { learnerOf, statisticsOf } from './learner.js'
import { trainMembers } from './members.js'
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
  readonly estimator: Estimator
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
        layout: { kind: 'vector', width: xNames.length, names: xNames },
        validation: config.data.validation,
        validationMost: config.data.validationMost,
        memory: Number.POSITIVE_INFINITY,
        scratch: folder.file('rows.scratch'),
        key: key.split('rows'),
      },
      context.signal,
    )
    const statistics = statisticsOf(simulations.sample, simulations.layout, config.data.elements)
    const method = learnerOf(config, prior, statistics, simulations.layout)
    const { members } = await trainMembers({ folder, config, simulations, method, key, threads, context })
    const form = layoutOf(method.init(key))
    const params = members.map(member => unflattenValues(member.params, form))
    const estimator =
      params.length === 1 ? method.estimator(params[0], { threads }) : method.ensemble(params, { threads })
    return {
      estimator,
      dropped: simulations.dropped,
      steps: members.reduce((sum, { steps }) => sum + steps, 0),
      seconds: (performance.now() - began) / 1000,
      validation: members.map(member => -member.validation),
    }
  } finally {
    await rm(path, { recursive: true, force: true })
  }
}
