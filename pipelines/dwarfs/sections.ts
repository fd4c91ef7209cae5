import type { Dwarf } from '../../io/dwarfs/index.js'
import {
  derivedTable,
  dwarfProfile,
  gridHtml,
  type ProfileReport,
  profilesSection,
  type Section,
  starsFigures,
} from '../../report/index.js'
import { dwarfNames } from '../../simulators/index.js'
import { type DerivedQuantity, dispersionBand, logRadii, profileBands } from './derived.js'
import type { DispersionCheck } from './predictive.js'

/** Draws that the curves are made of: more change no pixel. */
const curveDraws = 1000

export interface ShownGalaxy {
  readonly dwarf: Dwarf
  /** `[n, 6]` */
  readonly theta: Float64Array
  readonly quantities: readonly DerivedQuantity[]
  readonly check: DispersionCheck
  /** of the draws: the method */
  readonly label: string
  readonly truth?: readonly number[]
}

/** What follows from the posterior comes first on the page, for most readers want that alone. */
export function derivedSections(shown: ShownGalaxy): Section[] {
  return [
    derivedTable(shown.quantities),
    profilesSection({ profiles: profilesOf(shown).map(dwarfProfile), posterior: shown.label }),
  ]
}

/** The stars on the sky and in velocity. */
export function dataSection(dwarf: Dwarf): Section {
  return { title: 'Data', html: gridHtml(starsFigures(dwarf, 352), false) }
}

function profilesOf({ dwarf, theta, check, truth }: ShownGalaxy): ProfileReport[] {
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
