import type { Calibration } from '../../generative/calibration/index.js'
import type { Curve, Metric } from '../../statistics/index.js'

/**
 * Numbers of a calibration by name, `coverage_68_gamma` and so on, with binomial errors and what an exact posterior
 * would have.
 *
 * @param units of the parameters by name, where they have one
 */
export function calibrationMetrics(
  found: Calibration,
  units: Readonly<Record<string, string>> = {},
): Record<string, Metric> {
  const metrics: Record<string, Metric> = {}
  for (const [i, { name, coverage, rmse, meanBias, posteriorSd, logScore }] of found.parameters.entries()) {
    for (const level of [0.68, 0.95]) {
      const at = levelAt(found, level)
      metrics[`coverage_${100 * level}_${name}`] = {
        value: coverage[at],
        error: found.coverageError[at],
        reference: level,
      }
    }
    const unit = units[name] ?? ''
    metrics[`rmse_${name}`] = { value: rmse, unit }
    metrics[`bias_${name}`] = { value: meanBias, error: rmse / Math.sqrt(found.count), reference: 0, unit }
    metrics[`posterior_sd_${name}`] = { value: posteriorSd, unit }
    metrics[`log_score_${name}`] = { value: logScore.mean, error: logScore.error, unit: 'nats' }
    const { chiSquare, kolmogorov } = found.ranks[i]
    metrics[`sbc_p_${name}`] = { value: Math.min(chiSquare.adjusted, kolmogorov.adjusted) }
  }
  const { tarp, jointLogScore, local } = found
  if (local.length > 0) {
    // after Bonferroni over parameters too
    metrics.local_coverage_p = { value: Math.min(1, local.length * Math.min(...local.map(({ p }) => p))) }
  }
  metrics.tarp_p = { value: tarp.p }
  metrics.tarp_largest = {
    value: Math.max(...Array.from(tarp.coverage, (c, i) => Math.abs(c - tarp.levels[i]))),
    reference: tarp.band,
  }
  metrics.joint_log_score = { value: jointLogScore.mean, error: jointLogScore.error, unit: 'nats' }
  return metrics
}

/**
 * Coverage against credibility of every parameter, that of 68% intervals by posterior mean (`x` the bins' edges), TARP,
 * and the rank histograms (`x` their edges, `value` counts of `what`).
 */
export function calibrationCurves(found: Calibration, what: string): Record<string, Curve> {
  const levels = Array.from(found.levels)
  const curves: Record<string, Curve> = {}
  for (const [i, { name, coverage }] of found.parameters.entries()) {
    const error = Array.from(found.coverageError)
    curves[`coverage_${name}`] = {
      x: levels,
      value: Array.from(coverage),
      error,
      reference: levels,
      unit: '',
      x_unit: '',
    }
    const counts = Array.from(found.ranks[i].histogram)
    const bins = counts.length
    const expected = found.count / bins
    curves[`ranks_${name}`] = {
      x: Array.from({ length: bins + 1 }, (_, edge) => edge / bins),
      value: counts,
      error: counts.map(() => Math.sqrt(expected * (1 - 1 / bins))),
      reference: counts.map(() => expected),
      unit: what,
      x_unit: '',
    }
  }
  for (const [i, { name }] of found.parameters.entries()) {
    const along = coverageAlong(found, i)
    if (along === undefined) continue
    const { edges, coverage, count } = along
    curves[`local_coverage_${name}`] = {
      x: edges,
      value: coverage,
      error: count.map(n => Math.sqrt((shownLevel * (1 - shownLevel)) / n)),
      reference: coverage.map(() => shownLevel),
      unit: '',
      x_unit: '',
    }
  }
  const { tarp } = found
  const tarpLevels = Array.from(tarp.levels)
  const band = tarpLevels.map(() => tarp.band)
  curves.tarp = {
    x: tarpLevels,
    value: Array.from(tarp.coverage),
    error: band,
    reference: tarpLevels,
    unit: '',
    x_unit: '',
  }
  return curves
}

const shownLevel = 0.68

/**
 * How full the 68% intervals of a parameter are in bins of its posterior mean; nothing where there are too few
 * simulations.
 */
export function coverageAlong({ local }: Calibration, parameter: number) {
  const one = local[parameter]
  if (one === undefined) return undefined
  const [bins] = Object.values(one.covariates)
  const at = one.levels.indexOf(shownLevel)
  return {
    edges: [bins[0].range[0], ...bins.map(({ range }) => range[1])],
    coverage: bins.map(({ coverage }) => coverage[at]),
    count: bins.map(({ count }) => count),
    p: one.p,
  }
}

/** The targets; where simulations are too few for them, three standard errors of chance are allowed instead. */
const targets = [
  { level: 0.68, within: 0.02 },
  { level: 0.95, within: 0.01 },
] as const

/** Whether every parameter's intervals, its ranks and TARP are as they are for exact posteriors. */
export function isCalibrated(found: Calibration): boolean {
  const covered = targets.every(({ level, within }) => {
    const at = levelAt(found, level)
    const allowed = Math.max(within, 3 * found.coverageError[at])
    return found.parameters.every(({ coverage }) => Math.abs(coverage[at] - level) <= allowed)
  })
  return covered && found.ranksUniform && found.tarp.within
}

function levelAt({ levels }: Calibration, level: number): number {
  return levels.findIndex(l => Math.abs(l - level) < 1e-9)
}
