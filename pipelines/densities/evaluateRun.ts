import { DataError, type Key, UsageError } from '../../core/index.js'
import { makeCalibration } from '../../generative/calibration/index.js'
import { normalCdf } from '../../generative/posterior/index.js'
import { writePosteriorPage } from '../../report/posterior/index.js'
import { calibrationCurves, calibrationMetrics, isCalibrated } from '../answers/calibrationMetrics.js'
import { calibrationReport } from '../answers/calibrationReport.js'
import { makeRecovery } from '../answers/recovery.js'
import { environmentFacts, pagePath, type RunContext, secondsSince } from '../run/index.js'
import { setRow } from './layout.js'
import { type DensitiesModel, estimatorOf, loadDensitiesModel } from './model.js'
import { nearestOthers } from './neighbours.js'
import type { EvaluateOptions } from './options.js'
import { simulationBlocks } from './simulationBlocks.js'
import { openSimulationTables, type SimulationTables } from './simulationTables.js'

/** z of the ends between which a parameter's kernel density is taken, where its prior has none. */
const FAR = 5

/** Simulations judged, and those that could not be. */
interface Judgement {
  readonly found: ReturnType<ReturnType<typeof makeCalibration>['result']>
  readonly recovery: ReturnType<ReturnType<typeof makeRecovery>['result']>
  readonly dropped: number
}

/**
 * Are the posteriors of a run true? Asked of simulations that it has not seen.
 *
 * JSON beside `metrics`, `curves` and `passed`: `simulations` judged, `dropped` (NaN or infinity, or outside the
 * prior), `method`, `seconds`, `report`.
 */
export async function evaluateRun(run: string, options: EvaluateOptions, context: RunContext): Promise<void> {
  const began = performance.now()
  const page = await pagePath(options.out, options.force)
  const model = await loadDensitiesModel(run)
  const tables = await openSimulationTables(options.data)
  try {
    checkColumns(tables, model)
    const { found, recovery, dropped } = await judge(model, tables, options, context)
    const { prior, units, config } = model
    const unitOf = Object.fromEntries(prior.names.map((name, i) => [name, units[i]]))
    const metrics = calibrationMetrics(found, unitOf)
    print(prior.names, found.count, metrics, context)
    if (page !== undefined) {
      writePosteriorPage(page, {
        title: 'Are the posteriors true?',
        lead: `Posteriors by ${run} (${config.method}) of ${found.count} simulations (${options.data.join(', ')}).`,
        facts: [
          { label: 'calibrated', value: isCalibrated(found) ? 'yes' : 'no' },
          { label: 'joint log-score, nats beyond the prior', value: found.jointLogScore.mean.toFixed(3) },
        ],
        calibrations: [
          calibrationReport(
            `${config.method}, ${found.count} simulations`,
            found,
            prior.names,
            recovery,
            'simulations',
          ),
        ],
        timings: [{ stage: 'posteriors and their judgement', seconds: secondsSince(began) }],
        environment: environmentFacts(options.threads),
        provenance: [
          { label: 'run', value: run },
          { label: 'simulations', value: options.data.join(', ') },
          { label: 'seed', value: String(options.seed) },
        ],
      })
      context.print(page)
    }
    context.json({
      metrics,
      curves: calibrationCurves(found, 'simulations'),
      passed: isCalibrated(found),
      simulations: found.count,
      dropped,
      method: config.method,
      seconds: secondsSince(began),
      ...(page !== undefined && { report: page }),
    })
  } finally {
    tables.close()
  }
}

async function judge(
  model: DensitiesModel,
  tables: SimulationTables,
  options: EvaluateOptions,
  context: RunContext,
): Promise<Judgement> {
  const { prior, layout } = model
  const p = prior.names.length
  const key = context.key.split('evaluate')
  const count = options.rows > 0 ? Math.min(options.rows, tables.rows) : tables.rows
  const calibration = makeCalibration({
    names: prior.names,
    bounds: boundsOf(model),
    toUnit: theta => prior.toNormal(theta).map(normalCdf),
    key: key.split('calibration'),
  })
  const recovery = makeRecovery(p, count)
  const estimator = estimatorOf(model, options.threads)
  const progress = context.progress(count, 'drawing posteriors')
  let [done, dropped] = [0, 0]
  try {
    for await (const block of simulationBlocks(tables, context.signal)) {
      for (let row = 0; row < block.rows && done + dropped < count; row++) {
        context.signal.throwIfAborted()
        const theta = block.theta.slice(row * p, (row + 1) * p)
        const values = block.x(row)
        progress.advance()
        if (!values.every(Number.isFinite) || !prior.toNormal(theta).every(Number.isFinite)) {
          dropped++
          continue
        }
        const own: Key = key.split('simulation').split(block.start + row)
        const x =
          layout.kind === 'vector'
            ? values
            : Float64Array.from(setRow(layout, values, own, layout.neighbours > 0 ? nearestOthers : undefined))
        const draws = await estimator.draw(x, options.n ?? 500, own)
        calibration.add(theta, draws.theta)
        recovery.add(Array.from(theta), draws.theta, false)
        done++
      }
      if (done + dropped >= count) break
    }
  } finally {
    progress.stop()
    await estimator.close()
  }
  if (done === 0) {
    throw new DataError(
      'expected simulations to judge by',
      `got ${dropped} with NaN or outside the prior`,
      'check the table',
    )
  }
  return { found: calibration.result(), recovery: recovery.result(), dropped }
}

function boundsOf({ prior }: DensitiesModel): (readonly [number, number])[] {
  const p = prior.names.length
  const [low, high] = [-FAR, FAR].map(z => prior.toTheta(new Float64Array(p).fill(z)))
  return prior.names.map((name, i) => {
    const spec = prior.marginals[name]
    return 'uniform' in spec ? spec.uniform : [low[i], high[i]]
  })
}

function checkColumns({ names, x }: SimulationTables, { prior, layout }: DensitiesModel): void {
  const same = JSON.stringify(names) === JSON.stringify(prior.names)
  const fits =
    x.kind === 'vector'
      ? layout.kind === 'vector' && x.names.length === layout.width
      : layout.kind === 'set' && x.features === layout.features
  if (same && fits) return
  const width =
    layout.kind === 'vector' ? `x of ${layout.width} numbers` : `x of sets of ${layout.features} numbers a point`
  const got = x.kind === 'vector' ? `${x.names.length} numbers` : `sets of ${x.features} numbers a point`
  throw new UsageError(
    `expected theta ${prior.names.join(', ')} and ${width}, as the run was trained on`,
    `got theta ${names.join(', ')} and x of ${got}`,
    'give simulations of the same simulator',
  )
}

function print(
  names: readonly string[],
  count: number,
  metrics: Readonly<Record<string, { readonly value: number; readonly error?: number }>>,
  context: RunContext,
): void {
  context.print(`${count} simulations: coverage of 68% and 95% intervals, rms error, mean posterior sd, log-score`)
  for (const name of names) {
    const value = (metric: string) => metrics[`${metric}_${name}`].value
    context.print(
      `${name.padEnd(14)} ${value('coverage_68').toFixed(3)} ${value('coverage_95').toFixed(3)}  ` +
        `${value('rmse').toPrecision(3)} ${value('posterior_sd').toPrecision(3)}  ${value('log_score').toFixed(3)}  ranks p ${value('sbc_p').toPrecision(2)}`,
    )
  }
  const { joint_log_score: joint, tarp_p: tarp } = metrics
  context.print(
    `joint log-score ${joint.value.toFixed(3)} +- ${joint.error?.toFixed(3)} nats; TARP p ${tarp.value.toPrecision(2)}`,
  )
}
