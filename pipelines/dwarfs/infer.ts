import { type Draws, type Key, UsageError } from '../../core/index.js'
import type { Dwarf } from '../../io/dwarfs/index.js'
import { dwarfPrior } from '../../simulators/index.js'
import { printedInterval } from '../answers/summaries.js'
import type { Inference, OpenPosterior } from '../case.js'
import type { EmbeddedMethod } from '../learn/methodNames.js'
import type { CommonOptions, RunContext } from '../run/context.js'
import { derivedQuantities } from './derived.js'
import { distanceNote, distanceRatios } from './distances.js'
import { type JeansDraws, openJeans } from './jeans/index.js'
import { type GalaxyOptions, type ObservedGalaxy, observedGalaxy } from './observedGalaxy.js'
import { openNetwork } from './openNetwork.js'
import { boundsOf, parametersUnder, truthOf } from './parameters.js'
import { checkDispersion } from './predictive.js'
import { dataSection, derivedSections } from './sections.js'
import { underPrior } from './underPrior.js'
import { readUserPrior } from './userPrior.js'

export interface InferOptions extends CommonOptions, GalaxyOptions {
  readonly method?: EmbeddedMethod | 'jeans'
  /** draws */
  readonly n: number
  /** a user's prior, a JSON file */
  readonly prior?: string
  /** half-angle of the cone of J and D, degrees */
  readonly angle: number
}

/**
 * `stipple dwarfs infer`: the posterior of the dark matter of one galaxy, and what follows from it.
 *
 * JSON besides: `derived` (V_max and the rest, each with units and quantiles), `galaxy` (stars, centre, systemic
 * velocity, distance), `dispersion` (the posterior predictive check of the profile). With --prior the draws and their
 * `log_prob` are those of the posterior under it, and the file has it as the attribute `prior`.
 */
export async function planInference(
  options: InferOptions,
  context: RunContext,
  [path]: readonly string[],
): Promise<Inference<Dwarf>> {
  const userPrior = options.prior === undefined ? undefined : readUserPrior(options.prior)
  const given = await observedGalaxy(path, options, context.signal)
  const { dwarf, distance, uncertainDistance: uncertain } = given
  const key = context.key.split('infer')
  const { opened, prior, drawKey } = await openPosterior(dwarf, options, key, context)
  const truth = truthOf(dwarf)
  return {
    observation: dwarf,
    opened,
    n: options.n,
    key: drawKey,
    title: `Dark matter of ${given.name}`,
    lead: `${dwarf.stars} stars; ${options.n} posterior draws by ${opened.method === 'jeans' ? 'the Jeans analysis by MCMC' : 'the trained network'}${options.prior === undefined ? '' : ` under the prior of ${options.prior}`}.`,
    heading: `${given.name}: ${dwarf.stars} stars`,
    truth,
    bounds: boundsOf(prior),
    attributes: { galaxy: given.name, ...(userPrior && { prior: JSON.stringify(userPrior) }) },
    notes: [...given.notes, ...(uncertain ? [distanceNote(uncertain)] : [])],
    provenance: [
      { label: 'stars', value: path },
      ...(options.run === undefined ? [] : [{ label: 'run', value: options.run }]),
      ...(distance === undefined ? [] : [{ label: 'distance, kpc', value: String(distance) }]),
    ],
    ...(userPrior && { adjust: (draws: Draws) => underPrior(draws, prior, userPrior, key) }),
    explain(draws) {
      const { theta, logProb } = draws
      const spread = uncertain && {
        ratios: distanceRatios(uncertain, logProb.length, key.split('distance')),
        places: uncertain.places,
      }
      const { quantities, notes } = derivedQuantities(theta, { distance, spread, angle: options.angle })
      const check = checkDispersion(dwarf, theta, key.split('check'))
      return {
        notes,
        columns: quantities.map(({ name, units, values }) => ({ name, units, values })),
        lines: quantities.map(quantity => printedInterval(quantity.label, quantity, quantity.units)),
        ...('each' in draws && { diagnostics: { each: (draws as JeansDraws).each } }),
        facts: quantities.slice(0, 3).map(({ label, q16, q50, q84, units }) => ({
          label: `${label}, ${units}`,
          value: `${q50.toPrecision(3)} (${q16.toPrecision(3)} to ${q84.toPrecision(3)})`,
        })),
        provenance: [{ label: 'p of the dispersion profile', value: check.p.toFixed(3) }],
        before: derivedSections({ dwarf, theta, quantities, check, label: opened.method, truth }),
        after: [dataSection(dwarf)],
        json: {
          derived: Object.fromEntries(quantities.map(({ name, values: _, ...rest }) => [name, rest])),
          galaxy: galaxyFacts(given),
          dispersion: { p: check.p, bins: check.bins },
        },
      }
    },
  }
}

function galaxyFacts({ name, dwarf, distance, uncertainDistance: uncertain, facts }: ObservedGalaxy) {
  return {
    name,
    stars: dwarf.stars,
    distance: distance ?? null,
    ...(uncertain && { distance_error: [uncertain.minus, uncertain.plus] }),
    ...facts,
  }
}

/** The trained network, or the Jeans analysis under the prior of what ships. */
async function openPosterior(
  dwarf: Dwarf,
  { method, run, threads }: InferOptions,
  key: Key,
  { signal, progress }: RunContext,
) {
  if (method === 'jeans') {
    if (run !== undefined) {
      throw new UsageError('expected --run with a trained network', 'got it with --method jeans', 'omit one of them')
    }
    const parameters = parametersUnder(dwarfPrior)
    const posterior = openJeans({ parameters, prior: dwarfPrior, threads: 1, signal, steps: 4000 })
    const opened: OpenPosterior<Dwarf> = {
      posterior: {
        ...posterior,
        async draw(dwarf, n, key) {
          const waiting = progress(0, 'Jeans analysis by MCMC')
          try {
            return await posterior.draw(dwarf, n, key)
          } finally {
            waiting.stop()
          }
        },
      },
      method,
    }
    return { opened, prior: dwarfPrior, drawKey: key.split(0) }
  }
  const { opened, model } = await openNetwork({ method, run, threads })
  const [least, most] = model.stars
  const { stars } = dwarf
  const extrapolates = `The network was trained on galaxies of ${least} to ${most} stars, and this one has ${stars}: it extrapolates.`
  const warnings = stars >= least && stars <= most ? [] : [extrapolates]
  const noise = key.split('noise')
  return {
    opened: { ...opened, warnings },
    prior: model.prior,
    drawKey: model.members.length === 1 ? noise.split(0) : noise,
  }
}
