import type { Calibration } from '../../generative/calibration/index.js'
import type { CalibrationReport, DwarfReportData, Fact, Timing } from '../../report/index.js'
import { dwarfLabels } from '../../report/index.js'
import { describeEnvironment } from '../run/environment.js'
import { isCalibrated } from './calibrationMetrics.js'

/** An evaluation, for its page. */
export interface CalibrationFindings {
  /** `npe` or `jeans` */
  readonly method: string
  /** Each set of galaxies that was judged by itself, by its name: "all galaxies", "inside the prior" */
  readonly judged: Readonly<Record<string, Calibration>>
  readonly data: readonly string[]
  readonly seed: number
  readonly threads: number
  readonly timings: readonly Timing[]
  readonly provenance: readonly Fact[]
}

/** The page of an evaluation: coverage, ranks, TARP, errors and scores of every set. */
export function calibrationReportData(found: CalibrationFindings): DwarfReportData {
  const { method, judged, data } = found
  const sets = Object.entries(judged)
  return {
    title: 'Are the posteriors true?',
    lead: `Posteriors of simulated galaxies (${data.join(', ')}) by ${method === 'jeans' ? 'the Jeans analysis' : 'the network'}, beside the parameters they were made with.`,
    facts: sets.flatMap(([name, calibration]) => [
      { label: `Galaxies, ${name}`, value: String(calibration.count) },
      { label: `Joint log-score, ${name}  [nats]`, value: scoreText(calibration) },
    ]),
    calibrations: sets.map(([name, calibration]) => setOf(name, calibration)),
    timings: found.timings,
    environment: Object.entries(describeEnvironment(found.threads)).map(([label, value]) => ({
      label,
      value: typeof value === 'object' ? JSON.stringify(value) : String(value),
    })),
    provenance: [...found.provenance, { label: 'seed', value: String(found.seed) }],
  }
}

function scoreText({ jointLogScore: { mean, error } }: Calibration): string {
  return Number.isFinite(mean) ? `${mean.toFixed(2)} ± ${error.toFixed(2)}` : 'not computed'
}

function setOf(name: string, calibration: Calibration): CalibrationReport {
  const { count, levels, parameters, ranks, tarp } = calibration
  const nominal = Array.from(levels)
  return {
    name: `${name.charAt(0).toUpperCase()}${name.slice(1)}: ${count}`,
    galaxies: count,
    passed: isCalibrated(calibration),
    tarp: {
      label: 'TARP',
      nominal: Array.from(tarp.levels),
      observed: Array.from(tarp.coverage),
      within: tarp.band,
      p: tarp.p,
    },
    parameters: parameters.map(({ coverage, rmse, posteriorSd, meanBias, logScore }, p) => ({
      label: dwarfLabels[p],
      coverage: { nominal, observed: Array.from(coverage) },
      rankCounts: ranks[p].histogram,
      rankP: Math.min(ranks[p].chiSquare.adjusted, ranks[p].kolmogorov.adjusted),
      rmse,
      posteriorSd,
      bias: meanBias,
      ...(Number.isFinite(logScore.mean) && { logScore: logScore.mean }),
    })),
  }
}
