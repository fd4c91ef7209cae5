import type { Parameters } from '../../core/index.js'
import type { Calibration } from '../../generative/calibration/index.js'
import { calibrationSection, writePage } from '../../report/index.js'
import { calibratePosterior, type JudgedPosterior } from '../answers/calibratePosterior.js'
import { calibrationCurves, calibrationMetrics, isCalibrated } from '../answers/calibrationMetrics.js'
import { calibrationReport } from '../answers/calibrationReport.js'
import { recoveredInside } from '../answers/recovery.js'
import type { Calibrating, Evaluated, Evaluation } from '../case.js'
import type { CommonOptions, RunContext } from '../run/context.js'
import { environmentFacts, pagePath } from '../run/pagePath.js'
import { writeJson } from '../run/runFolder.js'
import { secondsSince } from '../run/seconds.js'
import { refuseResume } from './refusals.js'
import { say } from './say.js'

/**
 * `stipple SUBJECT evaluate`: are a model's answers right? Posteriors of simulations beside the parameters that these
 * were made with (coverage, ranks, TARP, errors and log-scores), or what the case compares.
 *
 * JSON: `metrics`, `curves`, `passed` where there is a target, `seconds`, and what the case adds. With --out a page.
 */
export async function evaluate(
  _subject: string,
  plan: () => Promise<Evaluation<unknown>>,
  options: CommonOptions,
  context: RunContext,
): Promise<void> {
  const began = performance.now()
  refuseResume('evaluate', options)
  const path = await pagePath(options.out, options.force)
  const evaluation = await plan()
  const found =
    evaluation.kind === 'own' ? await evaluation.run() : await calibrate(evaluation, options.seed, began, context)
  const { metrics, curves, passed, page, json, ...report } = found
  say(report, context)
  const result = {
    metrics,
    ...(curves && { curves }),
    ...(passed !== undefined && { passed }),
    seconds: secondsSince(began),
    ...json,
  }
  const written = path !== undefined && page !== undefined ? path : undefined
  if (written !== undefined && page) {
    writePage(written, { ...page, environment: environmentFacts(options.threads) })
    context.print(written)
  } else if (options.out !== undefined) {
    writeJson(options.out, result)
    context.print(options.out)
  }
  context.json({ ...result, ...(written !== undefined && { report: written }) })
}

async function calibrate(
  plan: Calibrating<unknown>,
  seed: number,
  began: number,
  context: RunContext,
): Promise<Evaluated> {
  const { parameters } = plan.opened.posterior
  try {
    const judged = await calibratePosterior(plan, context)
    return calibrationResult(plan, judged, parameters, { seed, seconds: secondsSince(began) })
  } finally {
    plan.close?.()
  }
}

function calibrationResult(
  { opened, own, noun, by, title, data, n, provenance }: Calibrating<unknown>,
  { all, inside, dropped, recovery }: JudgedPosterior,
  { names, units, labels }: Parameters,
  { seed, seconds }: { readonly seed: number; readonly seconds: number },
): Evaluated {
  const unitOf = Object.fromEntries(names.map((name, i) => [name, units[i]]))
  const judged = inside ?? all
  const calibrated = isCalibrated(judged)
  const more = own?.result(isCalibrated(all))
  const { method, warnings, notes = [] } = opened
  const metrics = calibrationMetrics(all, unitOf)
  const groups = { ...(inside && { 'inside the prior': inside }), all }
  return {
    metrics: { ...metrics, ...more?.metrics },
    curves: calibrationCurves(all, noun),
    passed: more?.passed ?? calibrated,
    warnings,
    lines: [
      ...Object.entries(groups).flatMap(([name, found]) => linesOf(name, found, { names, unitOf, noun })),
      ...(more?.lines ?? []),
    ],
    json: {
      ...(inside && {
        inside: {
          [noun]: inside.count,
          metrics: calibrationMetrics(inside, unitOf),
          curves: calibrationCurves(inside, noun),
        },
      }),
      [noun]: all.count,
      dropped,
      calibrated,
      method,
      ...more?.json,
    },
    page: {
      title,
      lead: `Posteriors by ${by} of ${all.count} simulated ${noun} (${data.join(', ')}), ${n} draws each, beside the parameters that they were simulated with.`,
      facts: [
        { label: 'calibrated', value: calibrated ? 'yes' : 'no' },
        { label: 'joint log-score, nats beyond the prior', value: judged.jointLogScore.mean.toFixed(3) },
        ...(more?.facts ?? []),
      ],
      warnings,
      notes: [...notes, ...(more?.notes ?? [])],
      sections: [
        ...(inside
          ? [
              calibrationReport({
                name: `${method}, ${inside.count} ${noun} inside the prior`,
                found: inside,
                labels,
                recovery: recovery.map(recoveredInside),
                noun,
              }),
            ]
          : []),
        calibrationReport({ name: `${method}, ${all.count} ${noun}`, found: all, labels, recovery, noun }),
      ].map(calibrationSection),
      timings: [{ stage: 'posteriors and their judgement', seconds }],
      provenance: [
        { label: 'posterior', value: by },
        { label: noun, value: data.join(', ') },
        ...provenance,
        { label: 'seed', value: String(seed) },
      ],
    },
  }
}

interface LineNames {
  readonly names: readonly string[]
  readonly unitOf: Readonly<Record<string, string>>
  /** of the observations, in the plural */
  readonly noun: string
}

/** A line a parameter. */
function linesOf(group: string, found: Calibration, { names, unitOf, noun }: LineNames): string[] {
  const metrics = calibrationMetrics(found, unitOf)
  const { joint_log_score: joint, tarp_p: tarp } = metrics
  return [
    `${found.count} ${noun}, ${group}: coverage of 68% and 95% intervals, rms error, mean posterior sd, log-score`,
    ...names.map(name => {
      const value = (metric: string) => metrics[`${metric}_${name}`].value
      return (
        `${name.padEnd(14)} ${value('coverage_68').toFixed(3)} ${value('coverage_95').toFixed(3)}  ` +
        `${value('rmse').toPrecision(3)} ${value('posterior_sd').toPrecision(3)}  ${value('log_score').toFixed(3)}  ` +
        `ranks p ${value('sbc_p').toPrecision(2)}`
      )
    }),
    `joint log-score ${joint.value.toFixed(3)} +- ${joint.error?.toFixed(3)} nats; TARP p ${tarp.value.toPrecision(2)}`,
  ]
}
