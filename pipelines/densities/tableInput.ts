import type { ProductPrior } from '../../generative/prior/index.js'
import type { RunContext, RunFolder } from '../run/index.js'
import type { DensitiesConfig } from './config.js'
import type { ObservationForm } from './form.js'
import { droppedText, ingest, type Simulations } from './ingest.js'
import { neighboursOf } from './method.js'
import type { SimulationTables } from './simulationTables.js'
import type { Failures } from './simulator/simulateRows.js'
import { filePrior, foundPrior, inOrder, survey } from './tablePrior.js'

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
  const scratch = folder.file('rows.scratch')
  const options = { prior, form, data, scratch, key: context.key.split('rows') }
  const simulations = await ingest(tables, options, context.signal)
  const lost = droppedText(simulations.dropped)
  if (lost !== '') warnings.push(`Of ${tables.rows} simulations some were dropped${lost}.`)
  for (const text of warnings) context.log.warn(text)
  return { ...simulations, prior, warnings }
}
