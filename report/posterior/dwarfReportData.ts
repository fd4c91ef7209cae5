import type { Fact, Timing } from '../reportData.js'
import type { BandData } from './bandPlot.js'
import type { CoverageAlong, CoverageCurve } from './calibrationPlots.js'
import type { CornerData } from './cornerPlot.js'
import type { ShownStars } from './starsPlot.js'

/**
 * Everything a report on dwarf galaxies shows: of one galaxy's posterior, of a calibration, or of both. What is absent
 * is left out.
 */
export interface DwarfReportData {
  readonly title: string
  /** one or two sentences: what was run, on what */
  readonly lead: string
  readonly facts: readonly Fact[]
  /** Shown first and loud: data outside what the model was trained on, chains that have not converged */
  readonly warnings?: readonly string[]
  /** Shown quietly: what was left out, what was cut */
  readonly notes?: readonly string[]
  readonly galaxy?: GalaxyReport
  readonly calibrations?: readonly CalibrationReport[]
  readonly timings: readonly Timing[]
  readonly configuration?: unknown
  readonly environment: readonly Fact[]
  readonly provenance: readonly Fact[]
}

/** One galaxy: its stars, its posterior (`dwarfLabels` names the six parameters) and what follows. */
export interface GalaxyReport extends CornerData {
  readonly stars?: ShownStars
  readonly profiles?: readonly ProfileReport[]
  readonly derived?: readonly DerivedRow[]
  readonly unusual?: UnusualReport
}

/** A profile, its marks at radii in kpc: the innermost star, the half-light radius, the outermost star. */
export interface ProfileReport extends BandData {
  readonly kind: 'rho' | 'mass' | 'beta' | 'dispersion'
  /** Said below the figure, beside what the kind has to say */
  readonly note?: string
}

export interface DerivedRow {
  /** in the notation of the field */
  readonly label: string
  readonly units: string
  readonly q05: number
  readonly q16: number
  readonly q50: number
  readonly q84: number
  readonly q95: number
}

/** How far from the training galaxies' centre this one lies, among held-out simulated ones. */
export interface UnusualReport {
  readonly distance: number
  /** of held-out simulated galaxies */
  readonly distances: ArrayLike<number>
  /** of those farther out */
  readonly share: number
  readonly flagged: boolean
}

/** Posteriors of many simulated galaxies or of others, judged. */
export interface CalibrationReport {
  /** "npe, 10,000 galaxies of the prior" */
  readonly name: string
  /** How many */
  readonly galaxies: number
  /** What they are; default galaxies */
  readonly what?: string
  readonly parameters: readonly CalibratedParameter[]
  /** Expected coverage, with the height of its band */
  readonly tarp?: CoverageCurve & { readonly within?: number; readonly p?: number }
  readonly passed?: boolean
  readonly note?: string
}

export interface CalibratedParameter {
  readonly label: string
  readonly coverage: Pick<CoverageCurve, 'nominal' | 'observed'>
  /** `[bins]` */
  readonly rankCounts: ArrayLike<number>
  /** of uniform ranks, after Bonferroni */
  readonly rankP?: number
  readonly rmse?: number
  readonly posteriorSd?: number
  readonly bias?: number
  readonly logScore?: number
  /** a few hundred galaxies to look at */
  readonly recovery?: {
    readonly truth: ArrayLike<number>
    readonly estimate: ArrayLike<number>
    readonly low: ArrayLike<number>
    readonly high: ArrayLike<number>
    readonly outside?: ArrayLike<boolean>
  }
  /** coverage of 68% intervals in bins of the posterior mean */
  readonly along?: CoverageAlong & { readonly p: number }
}

/** The six parameters in the notation of the field, in the order of theta. */
export const dwarfLabels: readonly string[] = [
  'γ',
  'log₁₀ rₛ  [kpc]',
  'log₁₀ ρ₀  [Msun/kpc³]',
  'log₁₀ r★  [kpc]',
  'β₀',
  'log₁₀ rₐ  [kpc]',
]
