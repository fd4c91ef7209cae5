import { type Key, uniform } from '../../core/index.js'
import type { Dwarf } from '../../io/dwarfs/dwarf.js'
import { type DwarfReportData, dwarfLabels, type ProfileReport } from '../../report/posterior/index.js'
import { type DwarfPrior, dwarfNames, fromUnitCube } from '../../simulators/index.js'
import { groupOf, type TrainedRegion, type Unusualness } from '../answers/trainedRegion.js'
import { environmentFacts } from '../run/index.js'
import { boundsOf } from './boundsOf.js'
import { type DerivedQuantity, dispersionBand, logRadii, profileBands } from './derived.js'
import type { GivenGalaxy } from './given.js'
import type { InferOptions } from './options.js'
import type { DispersionCheck } from './predictive.js'

export interface ReportedInference {
  readonly options: InferOptions
  readonly given: GivenGalaxy
  readonly theta: Float64Array
  readonly prior: DwarfPrior
  readonly quantities: readonly DerivedQuantity[]
  readonly check: DispersionCheck
  readonly unusual?: Unusualness & { readonly flagged: boolean }
  readonly region?: TrainedRegion
  readonly warnings: readonly string[]
  readonly notes: readonly string[]
  readonly seconds: number
  readonly key: Key
}

/** Draws that the curves are made of: more change no pixel. */
const curveDraws = 1000

/** The page of one galaxy's posterior. */
export function inferReport(inference: ReportedInference): DwarfReportData {
  const { options, given, theta, prior, quantities, check, unusual, region, warnings, notes, seconds } = inference
  const { dwarf } = given
  const method = options.method === 'npe' ? 'the trained network' : 'the Jeans analysis by MCMC'
  const drawn = theta.length / dwarfNames.length
  return {
    title: `Dark matter of ${given.name}`,
    lead: `${dwarf.stars} stars; ${drawn} posterior draws by ${method}${options.prior === undefined ? '' : ` under the prior of ${options.prior}`}.`,
    facts: quantities.slice(0, 3).map(({ label, q16, q50, q84, units }) => ({
      label: `${label}, ${units}`,
      value: `${q50.toPrecision(3)} (${q16.toPrecision(3)} to ${q84.toPrecision(3)})`,
    })),
    warnings,
    notes,
    galaxy: {
      stars: dwarf,
      labels: dwarfLabels,
      posterior: { label: options.method === 'npe' ? 'network' : 'Jeans, MCMC', values: theta },
      prior: { label: 'prior', values: priorDraws(prior, inference.key) },
      bounds: boundsOf(prior),
      truth: truthOf(dwarf),
      profiles: profilesOf(inference),
      derived: quantities,
      ...(unusual && region && { unusual: { ...unusual, distances: groupOf(region, given.dwarf.stars).distances } }),
    },
    timings: [{ stage: 'all', seconds }],
    environment: environmentFacts(options.threads),
    provenance: [
      { label: 'method', value: method },
      ...(options.run === undefined ? [] : [{ label: 'run', value: options.run }]),
      ...(given.distance === undefined ? [] : [{ label: 'distance, kpc', value: String(given.distance) }]),
      { label: 'seed', value: String(options.seed) },
      { label: 'p of the dispersion profile', value: check.p.toFixed(3) },
    ],
  }
}

/** theta of a simulated galaxy, in the order of `dwarfNames`. */
function truthOf(dwarf: Dwarf): number[] | undefined {
  return dwarfNames.every(name => dwarf.theta[name] !== undefined)
    ? dwarfNames.map(name => dwarf.theta[name])
    : undefined
}

function profilesOf({ given: { dwarf }, theta, check }: ReportedInference): ProfileReport[] {
  const truth = truthOf(dwarf)
  const radii = Array.from({ length: dwarf.stars }, (_, i) =>
    Math.hypot(dwarf.positions[2 * i], dwarf.positions[2 * i + 1]),
  )
  radii.sort((a, b) => a - b)
  const [innermost, middle, outermost] = [radii[0], radii[dwarf.stars >> 1], radii[dwarf.stars - 1]]
  const r = logRadii(Math.max(innermost / 2, middle / 100), outermost * 2, 40)
  const some = everyOf(theta, curveDraws)
  const { rho, mass, beta } = profileBands(some, r)
  const marks = [
    { x: innermost, label: 'first star' },
    { x: middle, label: 'half of them' },
    { x: outermost, label: 'last star' },
  ]
  const { bins } = check
  const real = truth && profileBands(truth, r)
  const line = (band?: { readonly r: readonly number[]; readonly q50: readonly number[] }) =>
    band && { truth: { x: band.r, y: band.q50 } }
  const seen = logRadii(Math.max(bins[0].low, middle / 30), bins[bins.length - 1].high, 24)
  return [
    { kind: 'rho', band: rho, marks, ...line(real?.rho) },
    { kind: 'mass', band: mass, marks, ...line(real?.mass) },
    { kind: 'beta', band: beta, marks, ...line(real?.beta) },
    {
      kind: 'dispersion',
      band: dispersionBand(some, seen),
      ...line(truth && dispersionBand(truth, seen)),
      points: {
        x: bins.map(({ radius }) => radius),
        y: bins.map(({ observed }) => observed.sigma),
        error: bins.map(({ observed }) => (observed.high - observed.low) / 2),
      },
      note: `Velocities drawn anew for the same stars fit no better in a share ${check.p.toFixed(2)} of the draws.`,
    },
  ]
}

function everyOf(theta: Float64Array, most: number): Float64Array {
  const width = dwarfNames.length
  const n = theta.length / width
  if (n <= most) return theta
  const out = new Float64Array(most * width)
  for (let i = 0; i < most; i++) {
    const row = Math.floor((i * n) / most)
    out.set(theta.subarray(row * width, (row + 1) * width), i * width)
  }
  return out
}

function priorDraws(prior: DwarfPrior, key: Key): Float64Array {
  const n = 4000
  const width = dwarfNames.length
  const u = uniform(key.split('prior draws'), n * width)
  const out = new Float64Array(n * width)
  for (let i = 0; i < n; i++) {
    const theta = fromUnitCube(u.subarray(i * width, (i + 1) * width), prior)
    dwarfNames.forEach((name, p) => {
      out[i * width + p] = theta[name]
    })
  }
  return out
}
