import { type DwarfReportData, dwarfLabels } from '../../report/posterior/index.js'
import { isCalibrated } from '../answers/calibrationMetrics.js'
import { calibrationReport } from '../answers/calibrationReport.js'
import { recoveredInside } from '../answers/recovery.js'
import { environmentFacts } from '../run/index.js'
import type { Judged } from './judged.js'
import type { EvaluateOptions } from './options.js'

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
        ? [
            calibrationReport(
              `${method}, ${inside.count} galaxies inside the prior`,
              inside,
              dwarfLabels,
              recovery.map(recoveredInside),
            ),
          ]
        : []),
      calibrationReport(`${method}, all ${all.count} galaxies`, all, dwarfLabels, recovery),
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
