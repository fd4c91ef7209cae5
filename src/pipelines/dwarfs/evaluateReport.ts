import type { Calibration } from '../../generative/calibration/index.js'
import { type CalibrationReport, type DwarfReportData, dwarfLabels } from '../../report/posterior/index.js'
import { environmentFacts } from '../run/index.js'
import { isCalibrated } from './calibrationMetrics.js'
import type { Judged } from './judged.js'
import type { EvaluateOptions } from './options.js'
import { type Recovery, recoveredInside } from './recovery.js'

/** The page of an evaluation: ranks, coverage, TARP, estimates beside the truth, and the numbers. */
export function evaluateReport(
  { all, inside, recovery }: Judged,
  options: EvaluateOptions,
  seconds: number,
): DwarfReportData {
  const { method, run, data, n, threads, seed } = options
  const by = method === 'npe' ? (run ?? 'the model shipped with the package') : 'the Jeans analysis by MCMC'
  const judged = inside ?? all
  return {
    title: 'Are the posteriors true?',
    lead: `Posteriors by ${by} of ${all.count} simulated galaxies (${data.join(', ')}), ${n} draws each, beside the parameters they were simulated with.`,
    facts: [
      { label: 'calibrated', value: isCalibrated(judged) ? 'yes' : 'no' },
      { label: 'joint log-score, nats beyond the prior', value: judged.jointLogScore.mean.toFixed(3) },
    ],
    calibrations: [
      ...(inside
        ? [calibrationOf(`${method}, ${inside.count} galaxies inside the prior`, inside, recovery.map(recoveredInside))]
        : []),
      calibrationOf(`${method}, all ${all.count} galaxies`, all, recovery),
    ],
    timings: [{ stage: 'posteriors and their judgement', seconds }],
    environment: environmentFacts(threads),
    provenance: [
      { label: 'posterior', value: by },
      { label: 'galaxies', value: data.join(', ') },
      { label: 'seed', value: String(seed) },
    ],
  }
}

function calibrationOf(name: string, found: Calibration, recovery: readonly Recovery[]): CalibrationReport {
  const nominal = Array.from(found.levels)
  return {
    name,
    galaxies: found.count,
    parameters: found.parameters.map(({ coverage, rmse, posteriorSd, meanBias, logScore }, i) => {
      const { histogram, chiSquare, kolmogorov } = found.ranks[i]
      return {
        label: dwarfLabels[i],
        coverage: { nominal, observed: Array.from(coverage) },
        rankCounts: histogram,
        rankP: Math.min(chiSquare.adjusted, kolmogorov.adjusted),
        rmse,
        posteriorSd,
        bias: meanBias,
        logScore: logScore.mean,
        recovery: recovery[i],
      }
    }),
    tarp: {
      label: 'all parameters',
      nominal: Array.from(found.tarp.levels),
      observed: Array.from(found.tarp.coverage),
      within: found.tarp.band,
      p: found.tarp.p,
    },
    passed: isCalibrated(found),
  }
}
