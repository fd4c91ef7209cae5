import { UsageError } from '../../core/index.js'
import type { ProductPrior } from '../../generative/prior/index.js'
import type { MethodName } from '../../generative/sbi/index.js'
import type { Learned, Learning, Stage } from '../case.js'
import { fileNames, madeBy, table } from '../learn/card.js'
import { ensembleFacts } from '../learn/trainingFacts.js'
import type { CommonOptions } from '../run/context.js'
import { type DensitiesConfig, densitiesConfig, densitiesPresets } from './config.js'
import type { ObservationForm } from './form.js'
import { droppedText } from './ingest.js'
import { learnRows } from './learn.js'
import { parametersOf, saveDensitiesModel } from './model.js'
import { regionOf } from './region.js'
import { type SimulatorOptions, simulatedInput } from './simulatedInput.js'
import { openSimulationTables } from './simulationTables.js'
import { failuresText } from './simulator/simulateRows.js'
import { readSimulations, type TrainingInput } from './tableInput.js'
import { priorFile } from './tablePrior.js'

export interface TrainOptions extends CommonOptions, SimulatorOptions {
  readonly data: readonly string[]
  readonly method?: MethodName
  /** a JSON file */
  readonly prior?: string
}

/**
 * `stipple densities train`: a method of simulation-based inference learns from a table of simulations, from a
 * simulator that is run, or from both. Rows with NaN or infinity are dropped and counted, and so are simulations that
 * fail.
 *
 * JSON besides: `method`, `rows`, `dropped`, `batch` (rows a step), `validation` (least held-out loss of each network),
 * `warnings`, `failures` by kind where a simulator was run.
 */
export async function planTraining(options: TrainOptions): Promise<Learning<DensitiesConfig>> {
  checkOptions(options)
  const { command, rounds, simulations, observation, method } = options
  const given = options.prior === undefined ? undefined : priorFile(options.prior)
  const simulator = command === undefined ? {} : { command, rounds, simulations, observation: observation ?? null }
  return {
    schema: densitiesConfig,
    presets: densitiesPresets,
    set: method === undefined ? [] : [`method=${method}`],
    identity: { prior: given?.marginals ?? null, ...simulator },
    learn: stage => withInput(stage, given, options, input => learn(stage, input, options)),
  }
}

function checkOptions({ data, command, prior, rounds, observation }: TrainOptions): void {
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

async function withInput(
  { folder, context }: Stage<DensitiesConfig>,
  given: ProductPrior | undefined,
  options: TrainOptions,
  use: (input: TrainingInput) => Promise<Learned>,
): Promise<Learned> {
  const tables = options.data.length > 0 ? await openSimulationTables(options.data) : undefined
  try {
    const input =
      options.command !== undefined || tables === undefined
        ? await simulatedInput({ folder, tables, given, options, context })
        : {
            simulations: await readSimulations(tables, given, folder, context),
            rows: tables.rows,
            units: tables.units,
          }
    try {
      return await use(input)
    } finally {
      input.simulations.close()
    }
  } finally {
    tables?.close()
  }
}

async function learn(
  stage: Stage<DensitiesConfig>,
  { simulations, rows, units, failures }: TrainingInput,
  { command }: TrainOptions,
): Promise<Learned> {
  const { folder, config, context } = stage
  const { prior, form, training, validation, dropped, sample, warnings } = simulations
  const key = context.key.split('densities')
  const parameters = parametersOf(prior, units)
  const { members, plan, statistics } = await learnRows({ folder, config, parameters, simulations, key, context })
  const region = regionOf(sample, validation, statistics, form)
  const vectors = members.map(({ params }) => params)
  saveDensitiesModel(folder.file('model.safetensors'), { prior, units, form, statistics, region, members: vectors })
  const facts = ensembleFacts(members)
  const losses = members.map(member => -member.validation)
  const failed = failures === undefined ? '' : failuresText(failures)
  const lost = droppedText(dropped)
  return {
    ...facts,
    lines: [
      ...(failed === '' ? [] : [`Of the simulator's runs failed: ${failed}.`]),
      `${config.method} learned from ${training.count} of ${rows} simulations${lost}; held-out loss ` +
        losses.map(x => x.toFixed(3)).join(', '),
    ],
    json: {
      method: config.method,
      rows: { all: rows, training: training.count, validation: validation.rows },
      dropped: { ...dropped, all: dropped.theta + dropped.x + dropped.outside },
      batch: plan.batch,
      validation: losses,
      warnings,
      ...(failures && { failures }),
    },
    card: {
      title: `${prior.names.join(', ')} by ${config.method}`,
      parts: [
        [
          `${madeBy({ seed: stage.seed, from: fileNames(stage.data) || `the simulator \`${command}\`` })}: ${training.count} training and ${validation.rows} validation`,
          `simulations of ${rows}${lost || ', none dropped'}. ${config.train.members} network(s), ${facts.steps} steps in ${(stage.seconds() / 60).toFixed(1)} min, ended by validation.`,
          ...(failed === '' ? [] : [`Of the simulator's runs failed: ${failed}.`]),
        ],
        `Least held-out loss: ${losses.map(x => x.toFixed(4)).join(', ')}.`,
        formText(form, config),
        'Prior of the simulations, outside of which the model says nothing:',
        table(
          ['parameter', 'prior', 'unit'],
          prior.names.map((name, i) => [name, JSON.stringify(prior.marginals[name]), units[i]]),
        ),
        ...warnings,
        'An observation that no simulation is like is flagged by `densities infer`; what the model says of it is not to be trusted.',
      ],
    },
  }
}

function formText(form: ObservationForm, { embedding }: DensitiesConfig): string {
  return form.kind === 'vector'
    ? `Observations are ${form.width} numbers: ${form.names.join(', ')}.`
    : `Observations are sets of up to ${form.points} points of ${form.features} numbers, read by ${embedding.kind} (${embedding.layers} layers of ${embedding.width}).`
}
