import { extname } from 'node:path'
import { type Draws, type Key, UsageError } from '../../core/index.js'
import { independentDiagnostics } from '../../generative/posterior/index.js'
import { drawPrior } from '../../generative/prior/index.js'
import { drawsFormat, writeDraws } from '../../io/posterior/index.js'
import { cornerSection, percentText, unusualSection, writePage } from '../../report/index.js'
import { parameterSummaries, printSummaries } from '../answers/summaries.js'
import { isUnusual, unusualWarnings } from '../answers/trainedRegion.js'
import type { Explained, Inference, OpenPosterior, Unusual } from '../case.js'
import type { CommonOptions, RunContext } from '../run/context.js'
import { refuseOverwrite } from '../run/overwrite.js'
import { environmentFacts } from '../run/pagePath.js'
import { secondsSince } from '../run/seconds.js'
import { refuseResume, refuseSettings } from './refusals.js'
import { say } from './say.js'

/** What every inference takes beside the common options. */
export interface InferOptions extends CommonOptions {
  /** html; default beside --out */
  readonly page?: string
}

/** Draws of the prior beside those of the posterior, for the corner plot. */
const priorDraws = 4000

/**
 * `stipple SUBJECT infer`: draws of p(theta | one observation) by a method of the case, with what follows from them.
 *
 * JSON: `parameters`, `diagnostics`, `unusual` (distance of the observation from the simulations trained on, the share
 * of them farther out, whether it is flagged; where the method was trained), `warnings`, `notes`, `method`, `n`, `out`,
 * `page`, `seconds`, and what the case adds. With --out, or --page, a page with the pictures.
 */
export async function infer(
  subject: string,
  plan: () => Promise<Inference<unknown>>,
  options: InferOptions,
  context: RunContext,
): Promise<void> {
  const began = performance.now()
  refuseSettings(options)
  refuseResume('infer', options)
  const { out, force, seed, threads } = options
  const page =
    options.page ?? (out === undefined ? undefined : `${out.slice(0, out.length - extname(out).length)}.html`)
  if (out !== undefined) drawsFormat(out)
  for (const path of [out, page]) if (path !== undefined) await refuseOverwrite(path, force)
  const inference = await plan()
  const { observation, opened, n, key, second, attributes, heading } = inference
  const { parameters: known } = opened.posterior
  const { names, units } = known
  const { raw, unusual } = await drawn(opened, observation, n, key)
  const draws = inference.adjust?.(raw) ?? raw
  const besides = second && { ...(await drawnBeside(second, observation, n, names)), method: second.method }
  const explained: Explained = (await inference.explain?.(draws)) ?? {}
  const { theta, logProb } = draws
  const warnings = [
    ...(opened.warnings ?? []),
    ...draws.problems,
    ...(unusual ? unusualWarnings(unusual) : []),
    ...(explained.warnings ?? []),
    ...(besides?.warnings ?? []),
  ]
  const notes = [
    ...(opened.notes ?? []),
    ...(inference.notes ?? []),
    ...(explained.notes ?? []),
    ...(besides?.notes ?? []),
  ]
  say({ warnings, notes }, context)
  const parameters = parameterSummaries(names, theta)
  if (heading !== undefined) context.print(heading)
  printSummaries(parameters, units, context)
  for (const text of explained.lines ?? []) context.print(text)
  const { method } = opened
  if (out !== undefined) {
    const { columns } = explained
    const file = { subject, seed, names, units, draws: theta, logProb, columns, attributes: { method, ...attributes } }
    await writeDraws(out, file, { force })
    context.print(`${logProb.length} draws in ${out}`)
  }
  const seconds = secondsSince(began)
  const flagged = unusual && {
    distance: unusual.distance,
    share: unusual.share,
    flagged: isUnusual(unusual),
  }
  if (page !== undefined) {
    const { title, lead, truth, bounds, provenance } = inference
    writePage(page, {
      title,
      lead,
      facts: explained.facts ?? [{ label: 'method', value: method }, ...diagnosticFacts(draws)],
      warnings,
      notes,
      sections: [
        ...(explained.before ?? []),
        cornerSection({
          labels: known.labels,
          posterior: { label: method, values: theta },
          ...(besides && { second: { label: besides.method, values: besides.theta } }),
          prior: { label: 'prior', values: drawPrior(known.prior, priorDraws, key.split('prior draws')) },
          bounds,
          truth,
        }),
        ...(explained.after ?? []),
        ...(unusual ? [unusualSection(unusualData(unusual))] : []),
      ],
      timings: [{ stage: 'all', seconds }],
      environment: environmentFacts(threads),
      provenance: [
        ...provenance,
        ...(explained.provenance ?? []),
        { label: 'method', value: method },
        ...(unusual ? [{ label: `${unusual.noun.many} farther out`, value: percentText(unusual.share) }] : []),
        { label: 'seed', value: String(seed) },
      ],
    })
    context.print(page)
  }
  context.json({
    parameters,
    diagnostics: { ...draws.diagnostics, ...explained.diagnostics },
    ...(flagged && { unusual: flagged }),
    warnings,
    notes,
    method,
    n: logProb.length,
    ...(besides && { beside: { method: besides.method, parameters: parameterSummaries(names, besides.theta) } }),
    ...explained.json,
    ...(out !== undefined && { out }),
    ...(page !== undefined && { page }),
    seconds,
  })
}

/** Draws, and whether the observation lies where the training lay. Closes the posterior. */
async function drawn(
  { posterior, unusual }: OpenPosterior<unknown>,
  observation: unknown,
  n: number,
  key: Key,
): Promise<{ readonly raw: Draws; readonly unusual?: Unusual }> {
  try {
    const found = await posterior.draw(observation, n, key)
    // A method without chains draws independently: what it reports besides stands over that.
    const diagnostics = {
      ...independentDiagnostics(found.theta, posterior.parameters.names.length),
      ...found.diagnostics,
    }
    return { raw: { ...found, diagnostics }, unusual: await unusual?.(observation) }
  } finally {
    await posterior.close()
  }
}

/** What another method says of the same observation, its parameters in the order of `names`. */
async function drawnBeside(
  { key, ...opened }: OpenPosterior<unknown> & { readonly key: Key },
  observation: unknown,
  n: number,
  names: readonly string[],
) {
  const own = opened.posterior.parameters.names
  const columns = names.map(name => own.indexOf(name))
  const { method } = opened
  if (columns.includes(-1)) {
    await opened.posterior.close()
    throw new UsageError(
      `expected --beside to know ${names.join(', ')}`,
      `got ${own.join(', ')} of ${method}`,
      'omit it',
    )
  }
  const { raw } = await drawn(opened, observation, n, key)
  const rows = raw.theta.length / own.length
  const theta = Float64Array.from({ length: rows * names.length }, (_, at) => {
    const row = Math.floor(at / names.length)
    return raw.theta[row * own.length + columns[at % names.length]]
  })
  return {
    theta,
    notes: (opened.notes ?? []).map(text => `${method}: ${text}`),
    warnings: [...(opened.warnings ?? []), ...raw.problems].map(text => `${method}: ${text}`),
  }
}

function diagnosticFacts({ diagnostics, logProb }: Draws) {
  return [
    { label: 'draws', value: `${logProb.length}` },
    ...Object.entries(diagnostics).map(([label, value]) => ({ label, value: value.toPrecision(4) })),
  ]
}

function unusualData({ distance, share, distances, noun }: Unusual) {
  return { distance, share, distances, noun, flagged: isUnusual({ distance, share }) }
}
