import { type Key, type ParameterPrior, UsageError } from '../../core/index.js'
import { normalCdf } from '../../generative/posterior/index.js'
import type { Row } from '../../generative/sbi/index.js'
import type { Calibrating, Evaluation, Judgeable } from '../case.js'
import type { RunContext } from '../run/context.js'
import { refuseSettings } from '../verbs/refusals.js'
import { evaluateTask, type TaskOptions } from './evaluateTask.js'
import { rowOf } from './form.js'
import { type DensitiesModel, loadDensitiesModel } from './model.js'
import { openSimulationTables, type SimulationTables } from './simulationTables.js'

export interface EvaluateOptions extends TaskOptions {
  /** a benchmark task */
  readonly task?: string
  /** simulations to judge a run by */
  readonly data: readonly string[]
  /** rows of `data` at most */
  readonly rows: number
}

/** z of the ends between which a parameter's kernel density is taken, where its prior has none. */
const far = 5

/**
 * `stipple densities evaluate`: either a method on a standard task, beside its reference posterior (`--task`), or a run
 * on simulations that it has not seen (`--run --data`): coverage, ranks (SBC), TARP, errors and log-scores.
 */
export async function planEvaluation(given: EvaluateOptions, context: RunContext): Promise<Evaluation<Row>> {
  const options = { ...given, n: given.n === 0 ? undefined : given.n }
  const { task, run, data, method } = options
  if (task !== undefined && run !== undefined) {
    throw new UsageError('expected either --task or --run', 'got both', 'a task trains a method of its own')
  }
  if (task !== undefined) {
    if (data.length > 0) throw new UsageError('expected --data with --run', 'got it with --task', 'omit one of them')
    return evaluateTask(task, options, context)
  }
  if (run === undefined) {
    throw new UsageError('expected --task, or --run with --data', 'got neither', 'write for example --task two_moons')
  }
  if (data.length === 0)
    throw new UsageError('expected --data with --run', 'got none', 'give simulations that it has not seen')
  if (method !== undefined) {
    throw new UsageError('expected --method with --task', 'got it with --run', 'omit it: the run has its own')
  }
  refuseSettings(options)
  return evaluateRun(run, options, context)
}

async function evaluateRun(run: string, options: EvaluateOptions, context: RunContext): Promise<Calibrating<Row>> {
  const model = await loadDensitiesModel(run)
  const { prior, config, method, members } = model
  const tables = await openSimulationTables(options.data)
  try {
    checkColumns(tables, model)
    const key = context.key.split('evaluate')
    const count = options.rows > 0 ? Math.min(options.rows, tables.rows) : tables.rows
    return {
      kind: 'calibration',
      opened: { posterior: method.posterior(members, { threads: options.threads }), method: config.method },
      n: options.n ?? 500,
      key,
      count,
      noun: 'simulations',
      simulations: () => simulationsOf({ tables, model, count, key, signal: context.signal }),
      bounds: boundsOf(model),
      toUnit: theta => prior.toNormal(theta).map(normalCdf),
      title: 'Are the posteriors true?',
      by: `${run} (${config.method})`,
      data: options.data,
      provenance: [{ label: 'run', value: run }],
      close: tables.close,
    }
  } catch (error) {
    tables.close()
    throw error
  }
}

async function* simulationsOf({
  tables,
  model: { prior, form },
  count,
  key,
  signal,
}: {
  readonly tables: SimulationTables
  readonly model: DensitiesModel
  readonly count: number
  readonly key: Key
  readonly signal: AbortSignal
}): AsyncGenerator<Judgeable<Row>> {
  const p = prior.names.length
  for await (const block of tables.blocks(signal)) {
    for (let row = 0; row < block.rows; row++) {
      const index = block.start + row
      if (index >= count) return
      const theta = block.theta.slice(row * p, (row + 1) * p)
      const values = block.x(row)
      const own = key.split('simulation').split(index)
      const isKnown = values.every(Number.isFinite) && isInside(prior, theta)
      yield {
        observation: isKnown ? rowOf(form, values, own) : values,
        ...(isKnown && { theta: Array.from(theta) }),
        key: own,
      }
    }
  }
}

function isInside(prior: ParameterPrior, theta: Float64Array): boolean {
  return prior.toNormal(theta).every(Number.isFinite)
}

function boundsOf({ prior }: DensitiesModel): (readonly [number, number])[] {
  const p = prior.names.length
  const [low, high] = [-far, far].map(z => prior.toTheta(new Float64Array(p).fill(z)))
  return prior.names.map((name, i) => {
    const spec = prior.marginals[name]
    return 'uniform' in spec ? spec.uniform : [low[i], high[i]]
  })
}

function checkColumns({ names, x }: SimulationTables, { prior, form }: DensitiesModel): void {
  const same = JSON.stringify(names) === JSON.stringify(prior.names)
  const fits =
    x.kind === 'vector'
      ? form.kind === 'vector' && x.names.length === form.width
      : form.kind === 'set' && x.features === form.features
  if (same && fits) return
  const width = form.kind === 'vector' ? `x of ${form.width} numbers` : `x of sets of ${form.features} numbers a point`
  const got = x.kind === 'vector' ? `${x.names.length} numbers` : `sets of ${x.features} numbers a point`
  throw new UsageError(
    `expected theta ${prior.names.join(', ')} and ${width}, as the run was trained on`,
    `got theta ${names.join(', ')} and x of ${got}`,
    'give simulations of the same simulator',
  )
}
