import { UsageError } from '../../core/index.js'
import type { ProductPrior } from '../../generative/prior/index.js'
import type { RunContext, RunFolder } from '../run/index.js'
import type { DensitiesConfig } from './config.js'
import { droppedText } from './ingest.js'
import { observationIn } from './observation.js'
import { simulateRounds } from './rounds.js'
import type { SimulationTables } from './simulationTables.js'
import { commandSimulator } from './simulator/commandSimulator.js'
import type { TrainingInput } from './tableInput.js'
import { filePrior, inOrder } from './tablePrior.js'

/** The simulator that is run, and how often. */
export interface SimulatorOptions {
  readonly rounds: number
  /** the simulator, a shell command */
  readonly command?: string
  /** what the rounds look at, a csv */
  readonly observation?: string
  /** simulations a round, with `command` */
  readonly simulations: number
  readonly threads: number
}

/**
 * The simulations of an external program, of one round or of several about an observation; a table that is given stands
 * before them.
 *
 * @throws UsageError where the table holds sets, or tells no prior and none is given
 */
export async function simulatedInput({
  folder,
  tables,
  given,
  options,
  context,
}: {
  readonly folder: RunFolder<DensitiesConfig>
  /** simulations that there are already */
  readonly tables?: SimulationTables
  /** the prior that was given */
  readonly given?: ProductPrior
  readonly options: SimulatorOptions
  readonly context: RunContext
}): Promise<TrainingInput> {
  if (tables?.x.kind === 'set') {
    throw new UsageError('expected a table of vectors with --command', 'got sets of points', 'train on the table alone')
  }
  const known = given ?? (tables && filePrior(tables))
  if (known === undefined) {
    throw new UsageError('expected --prior with --command', 'got none', 'say what the parameters are drawn from')
  }
  const { command = '', rounds, simulations, threads } = options
  const prior = tables ? inOrder(known, tables.names) : known
  const observation =
    options.observation === undefined
      ? undefined
      : await observationIn(
          options.observation,
          tables?.x.kind === 'vector' ? tables.x.names : undefined,
          context.signal,
        )
  const simulator = commandSimulator(command, { timeout: folder.config.simulator.timeout, atOnce: threads })
  try {
    const made = await simulateRounds({
      folder,
      prior,
      simulator,
      rounds: tables ? rounds + 1 : rounds,
      simulations,
      observation,
      given: tables,
      key: context.key.split('rounds'),
      threads,
      context,
    })
    const lost = droppedText(made.simulations.dropped)
    const warnings = lost === '' ? [] : [`Of ${made.rows} simulations some were dropped${lost}.`]
    for (const text of warnings) context.log.warn(text)
    return {
      simulations: { ...made.simulations, prior, warnings },
      rows: made.rows,
      units: tables?.units ?? prior.names.map(() => ''),
      failures: made.failures,
    }
  } finally {
    await simulator.close()
  }
}
