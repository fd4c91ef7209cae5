import { readFileSync } from 'node:fs'
import { messageOf, UsageError } from '../../core/index.js'
import { requireDevice } from '../../engine/index.js'
import { type ProductPrior, productPrior, readPrior } from '../../generative/prior/index.js'
import { finalLoss, inTrainingFolder, peakMemory, type RunContext, type RunFolder, since } from '../run/index.js'
import { type DensitiesConfig, densitiesConfig, densitiesPresets } from './config.js'
import { droppedText, foundPrior, ingest, type Simulations, survey } from './ingest.js'
import type { ObservationLayout } from './layout.js'
import { learnerOf, neighboursOf, statisticsOf } from './learner.js'
import { trainMembers } from './members.js'
import { saveDensitiesModel } from './model.js'
import { writeDensitiesCard } from './modelCard.js'
import { nearestOthers } from './neighbours.js'
import type { TrainOptions } from './options.js'
import { regionOf } from './region.js'
import { simulationBlocks } from './simulationBlocks.js'
import { openSimulationTables, type SimulationTables } from './simulationTables.js'
import type { TrainResult } from './trainResult.js'

/**
 * `stipple densities train`: a method of simulation-based inference learns from a table of simulations. Rows with NaN or infinity are dropped and counted.
 * Killed anywhere, `--resume` ends in the same bytes.
 */
export async function trainDensities(options: TrainOptions, context: RunContext): Promise<TrainResult> {
  const began = performance.now()
  await requireDevice(options.device)
  if (options.device !== 'cpu') {
    throw new UsageError('expected --device cpu for densities train', `got ${options.device}`, 'leave it away')
  }
  const set = options.method === undefined ? options.set : [...options.set, `method=${options.method}`]
  const told = options.prior === undefined ? undefined : priorFile(options.prior)
  const kind = { subject: 'densities', schema: densitiesConfig, presets: densitiesPresets }
  return inTrainingFolder(kind, options, set, context, folder => trainIn(folder, told, options, context, began))
}

async function trainIn(
  folder: RunFolder<DensitiesConfig>,
  told: ProductPrior | undefined,
  options: TrainOptions,
  context: RunContext,
  began: number,
): Promise<TrainResult> {
  const tables = await openSimulationTables(options.data)
  try {
    const simulations = await readSimulations(tables, told, folder, context)
    try {
      return await learn(folder, tables, simulations, options, context, began)
    } finally {
      simulations.close()
    }
  } finally {
    tables.close()
  }
}

async function learn(
  folder: RunFolder<DensitiesConfig>,
  { units, rows }: Pick<SimulationTables, 'units' | 'rows'>,
  simulations: Simulations & { readonly prior: ProductPrior; readonly warnings: readonly string[] },
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
    seconds: since(began),
    rows: { all: rows, training: training.count, validation: validation.rows },
    dropped: { ...dropped, all: dropped.theta + dropped.x + dropped.outside },
    batch: plan.batch,
    validation: members.map(member => -member.validation),
    warnings: simulations.warnings,
  }
  writeDensitiesCard(folder.file('model-card.md'), options, config, { prior, units, layout }, result)
  context.print(
    `${config.method} learned from ${training.count} of ${rows} simulations${droppedText(dropped)}; held-out loss ` +
      `${result.validation.map(x => x.toFixed(3)).join(', ')}; the model is in ${folder.path}`,
  )
  context.json({ ...result })
  return result
}

/** The tables once through: prior, layout, rows. Warnings are told at once. */
export async function readSimulations(
  tables: SimulationTables,
  told: ProductPrior | undefined,
  folder: Pick<RunFolder<DensitiesConfig>, 'config' | 'file'>,
  context: RunContext,
): Promise<Simulations & { readonly prior: ProductPrior; readonly warnings: readonly string[] }> {
  const { data, embedding } = folder.config
  const { x, names } = tables
  const known = told ?? filePrior(tables)
  const ragged = x.kind === 'set' && x.points === undefined
  const found = known === undefined || ragged ? await survey(tables, context.signal) : undefined
  const warnings: string[] = []
  const prior = inOrder(known ?? foundPrior(names, found!), names)
  if (known === undefined) {
    warnings.push(
      `No --prior: taken to be uniform where the table's parameters lie, ${names.map((name, i) => `${name} ${found!.low[i]} to ${found!.high[i]}`).join(', ')}.`,
    )
  }
  const neighbours = neighboursOf(folder.config)
  const layout: ObservationLayout =
    x.kind === 'vector'
      ? { kind: 'vector', width: x.names.length, names: x.names }
      : {
          kind: 'set',
          points: Math.min(data.pointsMost, x.points ?? found!.points),
          features: x.features,
          neighbours,
          places: Math.min(embedding.places, x.features),
        }
  const source = {
    blocks: simulationBlocks(tables, context.signal),
    rows: tables.rows,
    from: tables.sources.map(({ path }) => path).join(', '),
  }
  const simulations = await ingest(
    source,
    {
      prior,
      layout,
      validation: data.validation,
      validationMost: data.validationMost,
      memory: data.memory * 2 ** 20,
      scratch: folder.file('rows.scratch'),
      key: context.key.split('rows'),
      neighbours: neighbours > 0 ? nearestOthers : undefined,
    },
    context.signal,
  )
  const lost = droppedText(simulations.dropped)
  if (lost !== '') warnings.push(`Of ${tables.rows} simulations some were dropped${lost}.`)
  for (const text of warnings) context.log.warn(text)
  return { ...simulations, prior, warnings }
}

/** @throws UsageError where the file is none, or no prior */
export function priorFile(path: string): ProductPrior {
  let json: unknown
  try {
    json = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new UsageError(`expected a prior as JSON in ${path}`, `got ${messageOf(error)}`, 'correct the path or the file')
  }
  return readPrior(json)
}

/** The prior that a file of ours tells in its attributes. */
function filePrior({ prior, names }: SimulationTables): ProductPrior | undefined {
  if (typeof prior !== 'object' || prior === null) return undefined
  return names.every(name => Object.hasOwn(prior, name)) ? readPrior(prior) : undefined
}

/** The prior of just these parameters, in the order of the table. @throws UsageError that names one that is absent or too many */
function inOrder(prior: ProductPrior, names: readonly string[]): ProductPrior {
  const absent = names.find(name => !prior.names.includes(name))
  const unknown = prior.names.find(name => !names.includes(name))
  if (absent !== undefined || unknown !== undefined) {
    throw new UsageError(
      `expected a prior of the table's parameters ${names.join(', ')}`,
      absent === undefined ? `got one of ${unknown} too` : `got none of ${absent}`,
      'correct the prior',
    )
  }
  return productPrior(Object.fromEntries(names.map(name => [name, prior.marginals[name]])))
}
