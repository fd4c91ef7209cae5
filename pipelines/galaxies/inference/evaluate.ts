import { type Field, fields } from '../../../io/galaxies/index.js'
import { readObjects } from '../../../io/objects/index.js'
import { binomialInterval } from '../../../statistics/index.js'
import type { Calibrating, Judgeable, OwnMeasure } from '../../case.js'
import type { CommonOptions, RunContext } from '../../run/index.js'
import { refuseSettings } from '../../verbs/refusals.js'
import { jointCredibility } from './jointRegion.js'
import { type InferMethod, openPosterior } from './openPosterior.js'

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
 * JSON besides: `joint_68` and `joint_95` among the metrics (error: half of the 99% binomial band). `passed`: both
 * joint coverages within their bands.
 */
export async function planCalibration(
  options: EvaluateInferenceOptions,
  context: RunContext,
): Promise<Calibrating<Field>> {
  refuseSettings(options)
  const { method, data, n, run, threads } = options
  const { opened, box } = await openPosterior(method, { run, threads }, context)
  const { names, labels } = opened.posterior.parameters
  const key = context.key.split('evaluate inference')
  const columns = pair.map(name => names.indexOf(name))
  async function* simulations(): AsyncGenerator<Judgeable<Field>> {
    let index = 0
    for await (const field of readObjects(fields, data, { signal: context.signal })) {
      const known = names.every(name => field.theta[name] !== undefined)
      yield {
        observation: field,
        ...(known && { theta: names.map(name => field.theta[name]) }),
        key: key.split('field').split(index++),
      }
    }
  }
  return {
    kind: 'calibration',
    opened,
    n,
    key,
    count: 0,
    noun: 'fields',
    simulations,
    bounds: names.map(name => box[name]),
    title: 'Are posteriors of cosmological parameters true?',
    by: method,
    data,
    provenance: [],
    ...(columns.every(c => c >= 0) && {
      own: jointCoverage(
        names.length,
        columns,
        columns.map(c => labels[c]),
      ),
    }),
  }
}

/** How many truths the joint regions of a pair of parameters hold. */
function jointCoverage(width: number, columns: readonly number[], labels: readonly string[]): OwnMeasure {
  const credibilities: number[] = []
  return {
    add(truth, theta) {
      credibilities.push(
        jointCredibility(
          theta,
          width,
          columns,
          columns.map(c => truth[c]),
        ),
      )
    },
    result(calibrated) {
      const joint = levels.map(level => coverageAt(credibilities, level))
      const percent = (share: number) => (100 * share).toFixed(1)
      return {
        metrics: Object.fromEntries(
          joint.map(({ level, share, low, high }) => [
            `joint_${100 * level}`,
            { value: share, error: (high - low) / 2, reference: level },
          ]),
        ),
        passed: joint.every(({ share, low, high }) => share >= low && share <= high),
        lines: joint.map(
          ({ level, share, low, high }) =>
            `joint ${100 * level}% regions of (${labels.join(', ')}) hold ${percent(share)}% of ${credibilities.length} truths (${percent(low)} to ${percent(high)}% by chance)`,
        ),
        facts: joint.map(({ level, share, low, high }) => ({
          label: `joint ${100 * level}% regions of ${labels.join(', ')} hold`,
          value: `${percent(share)}% (${percent(low)} to ${percent(high)})`,
        })),
        notes: calibrated ? [] : ['Not every parameter by itself is calibrated: see below.'],
      }
    },
  }
}

function coverageAt(credibilities: readonly number[], level: number) {
  const n = credibilities.length
  const [low, high] = binomialInterval(n, level, band)
  return { level, share: credibilities.filter(c => c < level).length / n, low: low / n, high: high / n }
}
