import type { Calibration } from '../../generative/calibration/index.js'
import type { CalibratedParameter, CalibrationReport } from '../../report/index.js'
import { coverageAlong, isCalibrated } from './calibrationMetrics.js'

export interface CalibrationToShow {
  readonly name: string
  readonly found: Calibration
  /** `[p]` in the notation of the field */
  readonly labels: readonly string[]
  /** `[p]` estimates beside the truth, of some */
  readonly recovery?: readonly CalibratedParameter['recovery'][]
  /** what was judged, in the plural */
  readonly noun: string
}

/** A calibration as a page shows it. */
export function calibrationReport({ name, found, labels, recovery = [], noun }: CalibrationToShow): CalibrationReport {
  const nominal = Array.from(found.levels)
  return {
    name,
    count: found.count,
    what: noun,
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
