import { resolve } from 'node:path'
import { DataError, UsageError } from '../../core/index.js'
import type { Learned, Learning } from '../case.js'
import { writeCard } from '../learn/card.js'
import { finalLoss, peakMemory } from '../learn/trainingFacts.js'
import type { CommonOptions, RunContext } from '../run/context.js'
import { openRunFolder, type RunFolder } from '../run/runFolder.js'
import { secondsSince } from '../run/seconds.js'
import { requireOneOf } from './refusals.js'
import { say } from './say.js'

/** What every training takes beside the common options. */
export interface TrainOptions extends CommonOptions {
  /** absent where the case needs none */
  readonly data?: readonly string[]
}

/** What `--json` holds. What the case adds stands over what every training says. */
export type Trained<J> = J & { readonly run: string; readonly steps: number }

/**
 * `stipple SUBJECT train`: a model in the run folder at --out, opened as new or resumed. Killed anywhere, `--resume`
 * ends in the same bytes. Input that cannot be used has begun no run: --out is then as it was.
 *
 * JSON: `run`, `steps`, `loss` (mean of the last fifty), `steps_per_second`, `data_wait_fraction`, `peak_rss_mb`,
 * `seconds`, and what the case adds.
 */
export async function train<J extends object>(
  subject: string,
  plan: () => Promise<Learning<unknown, J>>,
  options: TrainOptions,
  context: RunContext,
): Promise<Trained<J>> {
  const began = performance.now()
  const learning = await plan()
  const { preset, config: file, set, seed, threads, device, data = [], out = '', resume, force } = options
  const { schema, presets, devices = ['cpu'], identity: more } = learning
  await requireOneOf(devices, device, `${subject} train`)
  const identity = { subject: learning.subject ?? subject, seed, data: data.map(path => resolve(path)), ...more }
  const sources = { preset, file, set: [...set, ...(learning.set ?? [])] }
  const request = { out, resume, force, threads, log: context.log, identity }
  const folder: RunFolder<unknown> = await openRunFolder(schema, presets, sources, request)
  try {
    const { config } = folder
    const seconds = () => secondsSince(began)
    const learned = await learning.learn({ folder, config, data, seed, threads, device, context, seconds })
    return await finish(folder, learned, seconds, context)
  } catch (error) {
    if (error instanceof DataError || error instanceof UsageError) await folder.abandon()
    throw error
  }
}

async function finish<J extends object>(
  folder: RunFolder<unknown>,
  { steps, stepsPerSecond, dataWaitFraction, card, json, ...report }: Learned<J>,
  seconds: () => number,
  context: RunContext,
): Promise<Trained<J>> {
  writeCard(folder.file('model-card.md'), card.title, card.parts)
  const result = {
    run: folder.path,
    steps,
    loss: await finalLoss(folder.file('metrics.jsonl')),
    steps_per_second: stepsPerSecond,
    data_wait_fraction: dataWaitFraction,
    peak_rss_mb: peakMemory(),
    seconds: seconds(),
    ...(json ?? ({} as J)),
  }
  say(report, context)
  context.print(`the model is in ${folder.path}`)
  context.json(result)
  return result
}
