import type { Calibration } from '../../generative/calibration/index.js'
import type { CalibratedParameter, CalibrationReport } from '../../report/posterior/index.js'
import { coverageAlong, isCalibrated } from './calibrationMetrics.js'

/**
 * A calibration as a page shows it.
 *
 * @param labels   `[p]` in the notation of the field
 * @param recovery `[p]` estimates beside the truth, of some
 * @param what     they are that were judged
 */
export function calibrationReport(
  name: string,
  found: Calibration,
  labels: readonly string[],
  recovery: readonly CalibratedParameter['recovery'][] = [],
  what = 'galaxies',
): CalibrationReport {
  const nominal = Array.from(found.levels)
  return {
    name,
    count: found.count,
    what,
    parameters: found.parameters.map(({ coverage, rmse, posteriorSd, meanBias, logScore }, i) => {
      const { histogram, chiSquare, kolmogorov } = found.ranks[i]
      return {
        label: labels[i],
        coverage: { nominal, observed: Array.from(coverage) },
        rankCounts: histogram,
        rankP: Math.min(chiSquare.adjusted, kolmogorov.adjusted),
        rmse,
        posteriorSd,
        bias: meanBias,
        logScore: logScore.mean,
        recovery: recovery[i],
        along: coverageAlong(found, i),
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
