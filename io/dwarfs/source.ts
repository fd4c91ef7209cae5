import type { Dwarf } from './dwarf.js'

/** Galaxies in one file, whatever its format. */
export interface DwarfSource {
  readonly path: string
  readonly format: DwarfFormat
  /** number of galaxies */
  readonly count: number
  /** Names of theta's entries in the file's order; empty where it has none */
  readonly names: readonly string[]
  readonly totalStars: number
  /** The most stars a galaxy has */
  readonly maxStars: number
  readonly membership: boolean
  /** The prior from which theta was drawn, as the writer told it */
  readonly prior?: unknown
  /** Galaxies `from` to `to`, in order, checked; a bounded number of them in memory */
  read(from: number, to: number, signal?: AbortSignal): AsyncGenerator<Dwarf>
  close(): void
}

export type DwarfFormat = 'hdf5' | 'jeansgnn' | 'dsphs_gnn' | 'arrow'

/** What files of galaxies hold together. */
export interface DwarfsDescription {
  readonly count: number
  readonly names: readonly string[]
  readonly totalStars: number
  readonly maxStars: number
  readonly membership: boolean
  readonly sources: readonly { readonly path: string; readonly format: DwarfFormat; readonly count: number }[]
}

/**
 * The project's name of a parameter, from the spellings of JeansGNN: `dm_log_r_dm` -> `log10_r_s`. Other names stay.
 */
export function dwarfParameterName(name: string): string {
  return KNOWN[name.trim()] ?? name.trim()
}

const KNOWN: Readonly<Record<string, string>> = {
  dm_gamma: 'gamma',
  dm_log_r_dm: 'log10_r_s',
  dm_log_rho_0: 'log10_rho_0',
  stellar_log_r_star: 'log10_r_star',
  df_beta_0: 'beta_0',
  df_log_r_a: 'log10_r_a',
}

/** The columns of JeansGNN's `labels` where the file does not name them (its six-parameter model). */
export const fieldLabels: readonly string[] = [
  'dm_gamma',
  'dm_log_r_dm',
  'dm_log_rho_0',
  'stellar_log_r_star',
  'df_beta_0',
  'df_log_r_a',
]

/** A prior as it stands in an attribute: JSON where it is such text. */
export function priorOf(stored: unknown): unknown {
  if (typeof stored !== 'string') return stored
  try {
    return JSON.parse(stored) as unknown
  } catch {
    return stored
  }
}
