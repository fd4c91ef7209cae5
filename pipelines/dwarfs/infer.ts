import { extname } from 'node:path'
import { type Key, UsageError } from '../../core/index.js'
import type { Dwarf } from '../../io/dwarfs/dwarf.js'
import { drawsFormat, writeDraws } from '../../io/posterior/index.js'
import { writeDwarfReport } from '../../report/posterior/index.js'
import { type DwarfPrior, dwarfNames, dwarfPrior } from '../../simulators/index.js'
import { independentDiagnostics } from '../answers/independentDraws.js'
import { type ParameterSummary, parameterSummaries, printInterval, printSummaries } from '../answers/summaries.js'
import { type TrainedRegion, type Unusualness, unusualness, unusualShare } from '../answers/trainedRegion.js'
import type { RunContext } from '../run/context.js'
import { refuseOverwrite } from '../run/overwrite.js'
import { refuseSettings } from '../run/refuseSettings.js'
import { runOrShipped } from '../run/shipped.js'
import { derivedQuantities } from './derived.js'
import { distanceNote, distanceRatios } from './distances.js'
import { type GivenGalaxy, givenGalaxy } from './given.js'
import { inferReport } from './inferReport.js'
import { jeansOverDwarfs } from './jeans/index.js'
import { type DwarfsModel, loadDwarfsModel } from './model.js'
import type { InferOptions } from './options.js'
import { parameterUnits } from './parameterUnits.js'
import { dwarfPosterior } from './posterior.js'
import { checkDispersion } from './predictive.js'
import { underPrior } from './underPrior.js'
import { readUserPrior } from './userPrior.js'

/** Draws of theta given one galaxy, by either method, and what tells whether to believe them. */
export interface Inferred {
  /** `[n, 6]` in the order of `dwarfNames` */
  readonly theta: Float64Array
  /** `[n]` nats: npe, log-density in the coordinates of the prior; jeans, the same up to a constant */
  readonly logProb: ArrayLike<number>
  readonly diagnostics: Readonly<Record<string, unknown>>
  readonly prior: DwarfPrior
  /** Where the training galaxies lie and how unusual this one is among them; of npe alone */
  readonly region?: TrainedRegion
  readonly unusual?: Unusualness
  readonly warnings: readonly string[]
}

/**
 * `stipple dwarfs infer`: the posterior of the dark matter of one galaxy, and what follows from it.
 *
 * JSON beside `parameters` and `diagnostics`: `derived` (V_max and the rest, each with units and quantiles), `galaxy`
 * (stars, centre, systemic velocity, distance), `unusual` (distance from the training galaxies, the share of them
 * farther out, whether flagged), `dispersion` (the posterior predictive check of the profile), `warnings`, `seconds`.
 * With --out, or --page, a page with the pictures. With --prior the draws and their `log_prob` are those of the
 * posterior under it, and the file has it as the attribute `prior`.
 */
export async function inferDwarf(path: string, options: InferOptions, context: RunContext): Promise<void> {
  const began = performance.now()
  refuseSettings(options)
  if (options.resume)
    throw new UsageError('expected infer without --resume', 'got it', 'leave it away: it takes seconds')
  if (options.method === 'jeans' && options.run !== undefined) {
    throw new UsageError('expected --run with --method npe', 'got it with jeans', 'leave one of them away')
  }
  const { out } = options
  const page =
    options.page ?? (out === undefined ? undefined : `${out.slice(0, out.length - extname(out).length)}.html`)
  if (out !== undefined) drawsFormat(out)
  for (const path of [out, page]) if (path !== undefined) await refuseOverwrite(path, options.force)
  const userPrior = options.prior === undefined ? undefined : readUserPrior(options.prior)
  const given = await givenGalaxy(path, options, context.signal)
  const key = context.key.split('infer')
  const found =
    options.method === 'npe'
      ? await byNetwork(given.dwarf, options, key)
      : await byJeans(given.dwarf, options, key, context)
  const reweighted = userPrior === undefined ? undefined : underPrior(found, userPrior, key)
  const { theta, logProb } = reweighted ?? found
  const warnings = [...found.warnings, ...(reweighted?.warnings ?? [])]
  const { distance, uncertainDistance: uncertain } = given
  const spread = uncertain && {
    ratios: distanceRatios(uncertain, logProb.length, key.split('distance')),
    places: uncertain.places,
  }
  const { quantities, notes: cut } = derivedQuantities(theta, { distance, spread, angle: options.angle })
  const parameters = parameterSummaries(dwarfNames, theta)
  const check = checkDispersion(given.dwarf, theta, key.split('check'))
  const notes = [...given.notes, ...(uncertain ? [distanceNote(uncertain)] : []), ...cut]
  for (const text of warnings) context.log.warn(text)
  for (const text of notes) context.log.info(text)
  print(given, parameters, quantities, context)
  if (out !== undefined) {
    await writeDraws(
      out,
      {
        subject: 'dwarfs',
        seed: options.seed,
        names: dwarfNames,
        units: parameterUnits,
        draws: theta,
        logProb,
        columns: quantities.map(({ name, units, values }) => ({ name, units, values })),
        attributes: {
          method: options.method,
          galaxy: given.name,
          ...(userPrior && { prior: JSON.stringify(userPrior) }),
        },
      },
      { force: options.force },
    )
    context.print(`${logProb.length} draws in ${out}`)
  }
  const seconds = (performance.now() - began) / 1000
  const unusual = found.unusual && { ...found.unusual, flagged: found.unusual.share < unusualShare }
  if (page !== undefined) {
    const { prior, region } = found
    writeDwarfReport(
      page,
      inferReport({ options, given, theta, prior, region, quantities, check, unusual, warnings, notes, seconds, key }),
    )
    context.print(page)
  }
  context.json({
    parameters,
    derived: Object.fromEntries(quantities.map(({ name, values: _, ...rest }) => [name, rest])),
    diagnostics: { ...found.diagnostics, ...(reweighted && { ess: reweighted.effective }) },
    galaxy: {
      name: given.name,
      stars: given.dwarf.stars,
      distance: distance ?? null,
      ...(uncertain && { distance_error: [uncertain.minus, uncertain.plus] }),
      ...given.facts,
    },
    ...(unusual && { unusual }),
    dispersion: { p: check.p, bins: check.bins },
    warnings,
    notes,
    method: options.method,
    ...(out !== undefined && { out }),
    n: logProb.length,
    ...(page !== undefined && { page }),
    seconds,
  })
}

async function byNetwork(dwarf: Dwarf, options: InferOptions, key: Key): Promise<Inferred> {
  const model = await loadDwarfsModel(runOrShipped('dwarfs', options.run))
  const posterior = dwarfPosterior(model, options.threads)
  try {
    const [draws] = await posterior.draw([dwarf], options.n, [key])
    const unusual = unusualness(model.region, draws.summary, dwarf.stars)
    return {
      theta: draws.theta,
      logProb: draws.logProb,
      prior: model.prior,
      region: model.region,
      diagnostics: independentDiagnostics(draws.theta, dwarfNames.length),
      unusual,
      warnings: [...starWarnings(model, dwarf), ...unusualWarnings(unusual)],
    }
  } finally {
    await posterior.close()
  }
}

function starWarnings({ stars: [least, most] }: DwarfsModel, { stars }: Dwarf): string[] {
  if (stars >= least && stars <= most) return []
  return [
    `The network was trained on galaxies of ${least} to ${most} stars, and this one has ${stars}: it extrapolates.`,
  ]
}

function unusualWarnings({ share, distance }: Unusualness): string[] {
  if (share >= unusualShare) return []
  return [
    `These data lie outside what the network was trained on: ${(100 * share).toFixed(2)}% of simulated galaxies of about as many stars are as far out ` +
      `(distance ${distance.toFixed(1)}). The posterior is not to be trusted; compare --method jeans.`,
  ]
}

async function byJeans(dwarf: Dwarf, options: InferOptions, key: Key, context: RunContext): Promise<Inferred> {
  const progress = context.progress(0, 'Jeans analysis by MCMC')
  try {
    const { signal } = context
    const [found] = await jeansOverDwarfs([dwarf], dwarfPrior, {
      key,
      threads: 1,
      signal,
      draws: options.n,
      steps: 4000,
    })
    const worst = Math.max(...found.rhat)
    return {
      theta: found.draws,
      logProb: found.logProb,
      prior: dwarfPrior,
      diagnostics: {
        rhat: worst,
        ess: Math.min(...found.ess),
        acceptance: found.acceptance,
        each: Object.fromEntries(dwarfNames.map((name, p) => [name, { rhat: found.rhat[p], ess: found.ess[p] }])),
      },
      warnings: worst > 1.1 ? [`The chains have not converged: R-hat is ${worst.toFixed(2)}.`] : [],
    }
  } finally {
    progress.stop()
  }
}

function print(
  { dwarf, name }: GivenGalaxy,
  parameters: Readonly<Record<string, ParameterSummary>>,
  quantities: ReturnType<typeof derivedQuantities>['quantities'],
  context: RunContext,
): void {
  context.print(`${name}: ${dwarf.stars} stars`)
  printSummaries(parameters, parameterUnits, context)
  for (const quantity of quantities) printInterval(quantity.label, quantity, quantity.units, context)
}
