import { DataError, type Key, UsageError } from '../../core/index.js'
import { type Calibrator, makeCalibration } from '../../generative/calibration/index.js'
import type { Dwarf } from '../../io/dwarfs/dwarf.js'
import { writeDwarfReport } from '../../report/posterior/index.js'
import {
  type DwarfPrior,
  type DwarfTheta,
  dwarfNames,
  dwarfPrior,
  priorNames,
  toUnitCube,
} from '../../simulators/index.js'
import { calibrationCurves, calibrationMetrics, isCalibrated } from '../answers/calibrationMetrics.js'
import { makeRecovery } from '../answers/recovery.js'
import type { RunContext } from '../run/context.js'
import { pagePath } from '../run/pagePath.js'
import { refuseSettings } from '../run/refuseSettings.js'
import { runOrShipped } from '../run/shipped.js'
import { boundsOf } from './boundsOf.js'
import { evaluateReport } from './evaluateReport.js'
import { jeansOverDwarfs } from './jeans/index.js'
import type { Judged } from './judged.js'
import { loadDwarfsModel } from './model.js'
import type { EvaluateOptions } from './options.js'
import { parameterUnits } from './parameterUnits.js'
import { dwarfPosterior } from './posterior.js'
import { openTrainingData, type TrainingData, thetaOf } from './trainingData.js'

const units = Object.fromEntries(dwarfNames.map((name, i) => [name, parameterUnits[i]]))

/** Galaxies that are answered at a time. */
const block = 256

/**
 * `stipple dwarfs evaluate`: are the posteriors of simulated galaxies true? Coverage, ranks (SBC), TARP, errors and
 * log-scores.
 *
 * JSON beside `metrics` and `curves` (of all galaxies): `inside` with the same of the galaxies inside the prior, where
 * some are not; `galaxies`, `method`, `seconds`. `passed` is about the galaxies inside: every parameter's 68% intervals
 * hold 68 +- 2% of truths and its 95% intervals 95 +- 1% (or three standard errors, where there are too few galaxies to
 * tell that), ranks are uniform (p > .01 after Bonferroni), TARP stays within its band.
 */
export async function evaluateDwarfs(options: EvaluateOptions, context: RunContext): Promise<void> {
  const began = performance.now()
  checkOptions(options)
  const page = await pagePath(options.out, options.force)
  const data = await openTrainingData(options.data, context.signal)
  try {
    const count = options.galaxies > 0 ? Math.min(options.galaxies, data.count) : data.count
    const judged =
      options.method === 'npe'
        ? await judgeNetwork(data, count, options, context)
        : await judgeJeans(data, count, options, context)
    report(judged, context)
    const { all, inside } = judged
    const seconds = (performance.now() - began) / 1000
    if (page !== undefined) {
      writeDwarfReport(page, evaluateReport(judged, options, seconds))
      context.print(page)
    }
    context.json({
      metrics: calibrationMetrics(all, units),
      curves: calibrationCurves(all, 'galaxies'),
      passed: isCalibrated(inside ?? all),
      ...(inside && {
        inside: {
          galaxies: inside.count,
          metrics: calibrationMetrics(inside, units),
          curves: calibrationCurves(inside, 'galaxies'),
        },
      }),
      galaxies: all.count,
      method: options.method,
      seconds,
      ...(page !== undefined && { report: page }),
    })
  } finally {
    data.close()
  }
}

async function judgeNetwork(
  data: TrainingData,
  count: number,
  options: EvaluateOptions,
  context: RunContext,
): Promise<Judged> {
  const model = await loadDwarfsModel(runOrShipped('dwarfs', options.run))
  const posterior = dwarfPosterior(model, options.threads)
  const key = context.key.split('evaluate')
  const judge = makeJudge(model.prior, data.prior, count, key)
  const progress = context.progress(count, 'drawing posteriors')
  try {
    for (let first = 0; first < count; first += block) {
      context.signal.throwIfAborted()
      const dwarfs = await read(data, first, Math.min(count, first + block), context.signal)
      const keys = dwarfs.map((_, i) => key.split('galaxy').split(first + i))
      const draws = await posterior.draw(dwarfs, options.n, keys)
      dwarfs.forEach((dwarf, i) => {
        judge.add(thetaOf(dwarf), draws[i].theta)
      })
      progress.advance(dwarfs.length)
    }
    return judge.result()
  } finally {
    progress.stop()
    await posterior.close()
  }
}

async function judgeJeans(
  data: TrainingData,
  count: number,
  options: EvaluateOptions,
  context: RunContext,
): Promise<Judged> {
  // The baseline is given the prior of the network that it is compared with: the shipped one's is the default.
  const prior = options.run === undefined ? dwarfPrior : (await loadDwarfsModel(options.run)).prior
  const key = context.key.split('evaluate')
  const judge = makeJudge(prior, data.prior, count, key)
  const progress = context.progress(count, 'Jeans analysis by MCMC')
  try {
    const dwarfs = await read(data, 0, count, context.signal)
    const found = await jeansOverDwarfs(dwarfs, prior, {
      key: key.split('jeans'),
      threads: options.threads,
      signal: context.signal,
      draws: options.n,
      onDone: () => progress.advance(),
    })
    dwarfs.forEach((dwarf, i) => {
      judge.add(thetaOf(dwarf), found[i].draws)
    })
    return judge.result()
  } finally {
    progress.stop()
  }
}

/**
 * @param data  where the galaxies are said to come from: only where that is wider than the prior are there two groups
 */
function makeJudge(prior: DwarfPrior, data: DwarfPrior, count: number, key: Key) {
  const make = (): Calibrator =>
    makeCalibration({
      names: dwarfNames,
      bounds: boundsOf(prior),
      toUnit: theta =>
        toUnitCube(Object.fromEntries(dwarfNames.map((name, i) => [name, theta[i]])) as DwarfTheta, prior),
      key: key.split('calibration'),
    })
  const wider = priorNames.some(name => data[name][0] < prior[name][0] || data[name][1] > prior[name][1])
  const all = make()
  const inside = wider ? make() : undefined
  const recovery = makeRecovery(dwarfNames.length, count)
  let [within, total] = [0, 0]
  return {
    add(theta: DwarfTheta, draws: Float64Array) {
      const truth = dwarfNames.map(name => theta[name])
      all.add(truth, draws)
      total++
      const outside = wider && toUnitCube(theta, prior).some(u => u < -1e-6 || u > 1 + 1e-6)
      recovery.add(truth, draws, outside)
      if (!inside || outside) return
      inside.add(truth, draws)
      within++
    },
    result(): Judged {
      if (total === 0) throw new DataError('expected galaxies', 'got none', 'check the files')
      const apart = inside && within > 0 && within < total && { inside: inside.result() }
      return { prior, all: all.result(), ...apart, recovery: recovery.result() }
    },
  }
}

async function read(data: TrainingData, from: number, to: number, signal: AbortSignal): Promise<Dwarf[]> {
  const dwarfs: Dwarf[] = []
  for await (const dwarf of data.read(from, to, signal)) dwarfs.push(dwarf)
  return dwarfs
}

/** Refuses what would be given and not heard. */
function checkOptions(options: EvaluateOptions): void {
  refuseSettings(options)
  if (options.resume)
    throw new UsageError('expected evaluate without --resume', 'got it', 'leave it away: it leaves no parts')
}

function report({ all, inside }: Judged, context: RunContext): void {
  for (const [name, found] of Object.entries({ ...(inside && { 'inside the prior': inside }), all })) {
    context.print(
      `${found.count} galaxies, ${name}: coverage of 68% and 95% intervals, rms error, mean posterior sd, log-score`,
    )
    const metrics = calibrationMetrics(found, units)
    for (const parameter of dwarfNames) {
      const value = (metric: string) => metrics[`${metric}_${parameter}`].value
      context.print(
        `${parameter.padEnd(14)} ${value('coverage_68').toFixed(3)} ${value('coverage_95').toFixed(3)}  ` +
          `${value('rmse').toFixed(3)} ${value('posterior_sd').toFixed(3)}  ${value('log_score').toFixed(3)}  ranks p ${value('sbc_p').toPrecision(2)}`,
      )
    }
    const { joint_log_score: joint, tarp_p: tarp } = metrics
    context.print(
      `joint log-score ${joint.value.toFixed(3)} +- ${joint.error?.toFixed(3)} nats; TARP p ${tarp.value.toPrecision(2)}`,
    )
  }
}
