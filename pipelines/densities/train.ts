import { UsageError } from '../../core/index.js'
import { requireDevice } from '../../engine/index.js'
import type { ProductPrior } from '../../generative/prior/index.js'
import { finalLoss, inTrainingFolder, peakMemory, type RunContext, type RunFolder, secondsSince } from '../run/index.js'
import { type DensitiesConfig, densitiesConfig, densitiesPresets } from './config.js'
import { droppedText } from './ingest.js'
import { learnerOf, statisticsOf } from './learner.js'
import { trainMembers } from './members.js'
import { saveDensitiesModel } from './model.js'
import { writeDensitiesCard } from './modelCard.js'
import type { TrainOptions } from './options.js'
import { regionOf } from './region.js'
import { simulatedInput } from './simulatedInput.js'
import { openSimulationTables, type SimulationTables } from './simulationTables.js'
import { failuresText } from './simulator/simulateRows.js'
import { priorFile, readSimulations } from './tableInput.js'
import type { TrainingInput } from './trainingInput.js'
import type { TrainResult } from './trainResult.js'

/**
 * `stipple densities train`: a method of simulation-based inference learns from a table of simulations, from a
 * simulator that is run, or from both. Rows with NaN or infinity are dropped and counted, and so are simulations that
 * fail. Killed anywhere, `--resume` ends in the same bytes.
 */
export async function trainDensities(options: TrainOptions, context: RunContext): Promise<TrainResult> {
  const began = performance.now()
  checkOptions(options)
  await requireDevice(options.device)
  const set = options.method === undefined ? options.set : [...options.set, `method=${options.method}`]
  const told = options.prior === undefined ? undefined : priorFile(options.prior)
  const { command, rounds, simulations, observation } = options
  const simulator = command === undefined ? {} : { command, rounds, simulations, observation: observation ?? null }
  const kind = {
    subject: 'densities',
    schema: densitiesConfig,
    presets: densitiesPresets,
    identity: { prior: told?.marginals ?? null, ...simulator },
  }
  return inTrainingFolder(kind, options, set, context, folder => trainIn(folder, told, options, context, began))
}

function checkOptions({ device, data, command, prior, rounds, observation }: TrainOptions): void {
  if (device !== 'cpu')
    throw new UsageError('expected --device cpu for densities train', `got ${device}`, 'leave it away')
  if (data.length === 0 && command === undefined) {
    throw new UsageError('expected --data or --command', 'got neither', 'give a table of simulations, or a simulator')
  }
  if (data.length === 0 && prior === undefined) {
    throw new UsageError('expected --prior with --command', 'got none', 'say what the parameters are drawn from')
  }
  if (rounds > 1 && command === undefined) {
    throw new UsageError('expected --command with --rounds', 'got none', 'give the simulator that the rounds run')
  }
  if (command !== undefined && observation === undefined && (rounds > 1 || data.length > 0)) {
    throw new UsageError('expected --observation with --rounds', 'got none', 'give what the rounds look at')
  }
  if (command === undefined && observation !== undefined) {
    throw new UsageError(
      'expected --observation with --rounds and --command',
      'got it without',
      'give it to densities infer',
    )
  }
}

async function trainIn(
  folder: RunFolder<DensitiesConfig>,
  told: ProductPrior | undefined,
  options: TrainOptions,
  context: RunContext,
  began: number,
): Promise<TrainResult> {
  const tables = options.data.length > 0 ? await openSimulationTables(options.data) : undefined
  try {
    const input =
      options.command !== undefined || tables === undefined
        ? await simulatedInput(folder, tables, told, options, context)
        : await tableInput(folder, tables, told, context)
    try {
      return await learn(folder, input, options, context, began)
    } finally {
      input.simulations.close()
    }
  } finally {
    tables?.close()
  }
}

async function tableInput(
  folder: RunFolder<DensitiesConfig>,
  tables: SimulationTables,
  told: ProductPrior | undefined,
  context: RunContext,
): Promise<TrainingInput> {
  return { simulations: await readSimulations(tables, told, folder, context), rows: tables.rows, units: tables.units }
}

async function learn(
  folder: RunFolder<DensitiesConfig>,
  { simulations, rows, units, failures }: TrainingInput,
  options: TrainOptions,
  context: RunContext,
  began: number,
): Promise<TrainResult> {
  const { config } = folder
  const { prior, layout, training, validation, dropped, sample } = simulations
  const statistics = statisticsOf(sample, layout, config.data.elements)
  const method = learnerOf(config, prior, statistics, layout)
  const key = context.key.split('densities')
  const { members, plan } = await trainMembers({
    folder,
    config,
    simulations,
    method,
    key,
    threads: options.threads,
    context,
  })
  const region = regionOf(sample, validation, statistics, layout)
  saveDensitiesModel(folder.file('model.safetensors'), {
    prior,
    units,
    layout,
    statistics,
    region,
    members: members.map(({ params }) => params),
  })
  const last = members[members.length - 1]
  const result: TrainResult = {
    run: folder.path,
    method: config.method,
    steps: members.reduce((sum, { steps }) => sum + steps, 0),
    loss: await finalLoss(folder.file('metrics.jsonl')),
    steps_per_second: last.stepsPerSecond,
    data_wait_fraction: last.dataWaitFraction,
    peak_rss_mb: peakMemory(),
    seconds: secondsSince(began),
    rows: { all: rows, training: training.count, validation: validation.rows },
    dropped: { ...dropped, all: dropped.theta + dropped.x + dropped.outside },
    batch: plan.batch,
    validation: members.map(member => -member.validation),
    warnings: simulations.warnings,
    ...(failures && { failures }),
  }
  writeDensitiesCard(folder.file('model-card.md'), options, config, { prior, units, layout }, result)
  const failed = failures === undefined ? '' : failuresText(failures)
  if (failed !== '') context.print(`Of the simulator's runs failed: ${failed}.`)
  context.print(
    `${config.method} learned from ${training.count} of ${rows} simulations${droppedText(dropped)}; held-out loss ` +
      `${result.validation.map(x => x.toFixed(3)).join(', ')}; the model is in ${folder.path}`,
  )
  context.json({ ...result })
  return result
}
