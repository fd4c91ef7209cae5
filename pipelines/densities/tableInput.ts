import { readFileSync } from 'node:fs'
import { messageOf, UsageError } from '../../core/index.js'
import { type ProductPrior, productPrior, readPrior } from '../../generative/prior/index.js'
import type { RunContext, RunFolder } from '../run/index.js'
import type { DensitiesConfig } from './config.js'
import type { ObservationForm } from './form.js'
import { droppedText, foundPrior, ingest, limitsOf, type Simulations, survey } from './ingest.js'
import { neighboursOf } from './method.js'
import { simulationBlocks } from './simulationBlocks.js'
import type { SimulationTables } from './simulationTables.js'
import type { Failures } from './simulator/simulateRows.js'

/** What a training learns from. */
export interface TrainingInput {
  readonly simulations: ReadSimulations
  /** in all, dropped and failed ones too */
  readonly rows: number
  /** `[p]` */
  readonly units: readonly string[]
  /** of a simulator that was run */
  readonly failures?: Failures
}

/** Simulations with the prior that they are taken to be of, and what a reader should know of them. */
export interface ReadSimulations extends Simulations {
  readonly prior: ProductPrior
  readonly warnings: readonly string[]
}

/** The tables once through: prior, layout, rows. Warnings are logged at once. */
export async function readSimulations(
  tables: SimulationTables,
  given: ProductPrior | undefined,
  folder: Pick<RunFolder<DensitiesConfig>, 'config' | 'file'>,
  context: RunContext,
): Promise<ReadSimulations> {
  const { data, embedding } = folder.config
  const { x, names } = tables
  const known = given ?? filePrior(tables)
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
  const form: ObservationForm =
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
    blocks: () => simulationBlocks(tables, context.signal),
    rows: tables.rows,
    from: tables.sources.map(({ path }) => path).join(', '),
  }
  const simulations = await ingest(
    source,
    { prior, form, ...limitsOf(folder.config, folder), key: context.key.split('rows') },
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
    throw new UsageError(
      `expected a prior as JSON in ${path}`,
      `got ${messageOf(error)}`,
      'correct the path or the file',
    )
  }
  return readPrior(json)
}

/** The prior that a file of ours tells in its attributes. */
export function filePrior({ prior, names }: SimulationTables): ProductPrior | undefined {
  if (typeof prior !== 'object' || prior === null) return undefined
  return names.every(name => Object.hasOwn(prior, name)) ? readPrior(prior) : undefined
}

/**
 * The prior of just these parameters, in the order of the table. @throws UsageError that names one that is absent or
 * too many
 */
export function inOrder(prior: ProductPrior, names: readonly string[]): ProductPrior {
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
