import { UsageError } from '../../../core/index.js'
import { makeCalibration } from '../../../generative/calibration/index.js'
import { readFields } from '../../../io/galaxies/index.js'
import { binomialInterval, writePosteriorPage } from '../../../report/posterior/index.js'
import { calibrationCurves, calibrationMetrics, isCalibrated, type Metric } from '../../answers/calibrationMetrics.js'
import { calibrationReport } from '../../answers/calibrationReport.js'
import { makeRecovery } from '../../answers/recovery.js'
import { type CommonOptions, environmentFacts, pagePath, type RunContext, secondsSince } from '../../run/index.js'
import { refuseSettings } from '../../run/refuseSettings.js'
import { jointCredibility } from './jointRegion.js'
import { type InferMethod, openRoad } from './openRoad.js'
import { parameterLabel } from './parameterLabel.js'

export interface EvaluateInferenceOptions extends CommonOptions {
  readonly data: readonly string[]
  readonly method: InferMethod
  /** draws a field */
  readonly n: number
}

/** The parameters whose joint regions are judged. */
const pair = ['omega_m', 'sigma_8']
const levels = [0.68, 0.95]
/** Chance of a joint coverage outside of its band where posteriors are true. */
const band = 0.99

/**
 * `stipple galaxies evaluate --method`: are posteriors of theta given one field true? Coverage of each parameter,
 * ranks, TARP, and the joint regions of (Omega_m, sigma_8).
 *
 * JSON: `metrics` with `joint_68` and `joint_95` (error: half of the 99% binomial band), `curves`, `fields`, `method`,
 * `seconds`. `passed`: both joint coverages within their bands.
 */
export async function evaluateInference(options: EvaluateInferenceOptions, context: RunContext): Promise<void> {
  const began = performance.now()
  refuseSettings(options)
  const page = await pagePath(options.out, options.force)
  const { method, data, n } = options
  const road = await openRoad(method, options, context)
  const { names, prior } = road
  const key = context.key.split('evaluate inference')
  const bounds = names.map(name => prior[name])
  const calibration = makeCalibration({ names, bounds, key: key.split('calibration') })
  const recovery = makeRecovery(names.length, 200)
  const credibilities: number[] = []
  const columns = pair.map(name => names.indexOf(name))
  const progress = context.progress(0, 'posteriors of fields')
  try {
    let index = 0
    for await (const field of readFields(data)) {
      context.signal.throwIfAborted()
      const { theta } = await road.answer(field, key.split('field').split(index++))
      const truth = names.map(name => field.theta[name])
      calibration.add(truth, theta)
      recovery.add(truth, theta, false)
      if (columns.every(c => c >= 0))
        credibilities.push(
          jointCredibility(
            theta,
            names.length,
            columns,
            columns.map(c => truth[c]),
          ),
        )
      progress.advance(1)
    }
  } finally {
    progress.stop()
    await road.close()
  }
  if (credibilities.length === 0)
    throw new UsageError(
      `expected fields with ${pair.join(' and ')} to judge`,
      `got none in ${data.join(', ')}`,
      'give others',
    )
  const found = calibration.result()
  const joint = levels.map(level => jointCoverage(credibilities, level))
  const metrics: Record<string, Metric> = { ...calibrationMetrics(found) }
  for (const { level, share, low, high } of joint)
    metrics[`joint_${100 * level}`] = { value: share, error: (high - low) / 2, reference: level }
  const passed = joint.every(({ share, low, high }) => share >= low && share <= high)
  for (const { level, share, low, high } of joint)
    context.print(
      `joint ${100 * level}% regions of (${pair.map(parameterLabel).join(', ')}) hold ${(100 * share).toFixed(1)}% of ${credibilities.length} truths (${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)}% by chance)`,
    )
  const seconds = secondsSince(began)
  if (page !== undefined) {
    writePosteriorPage(page, {
      title: 'Are posteriors of cosmological parameters true?',
      lead: `Posteriors by ${method} of ${found.count} fields (${data.join(', ')}), ${n} draws each.`,
      facts: joint.map(({ level, share, low, high }) => ({
        label: `joint ${100 * level}% regions of Ωₘ, σ₈ hold`,
        value: `${(100 * share).toFixed(1)}% (${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)})`,
      })),
      warnings: road.warnings,
      notes: [
        ...road.notes,
        ...(isCalibrated(found) ? [] : ['Not every parameter by itself is calibrated: see below.']),
      ],
      calibrations: [
        calibrationReport(
          `${method}, ${found.count} fields`,
          found,
          names.map(parameterLabel),
          recovery.result(),
          'fields',
        ),
      ],
      timings: [{ stage: 'posteriors and their judgement', seconds }],
      environment: environmentFacts(options.threads),
      provenance: [
        { label: 'fields', value: data.join(', ') },
        { label: 'seed', value: String(options.seed) },
      ],
    })
    context.print(page)
  }
  context.json({
    metrics,
    curves: calibrationCurves(found, 'fields'),
    passed,
    calibrated: isCalibrated(found),
    fields: found.count,
    method,
    seconds,
    ...(page !== undefined && { report: page }),
  })
}

function jointCoverage(credibilities: readonly number[], level: number) {
  const n = credibilities.length
  const [low, high] = binomialInterval(n, level, band)
  return { level, share: credibilities.filter(c => c < level).length / n, low: low / n, high: high / n }
}
