import type { Box } from '../../core/index.js'
import type { Field } from './field.js'

/** Fields in one file or folder, whatever its format. */
export interface FieldSource {
  readonly path: string
  readonly format: 'hdf5' | 'halos.npy' | 'quijote' | 'arrow'
  readonly summary: FieldsSummary
  /** Fields `from` to `to`, in order, checked; a bounded number of them in memory */
  read(from: number, to: number, signal?: AbortSignal): AsyncGenerator<Field>
  close(): void
}

export interface FieldsSummary {
  readonly count: number
  /** The largest number of points a field may have */
  readonly maxPoints: number
  /** Names of theta's entries, in the file's order */
  readonly names: readonly string[]
  /** Mpc/h */
  readonly box: Box
  readonly velocities: boolean
  readonly logMass: boolean
}

export interface FieldOptions {
  /** Box length in Mpc/h where the file does not tell it (`halos.npy`); default 1000 */
  readonly box?: number
  /** Keep only the heaviest so many points of a field (Quijote catalogues hold some 400,000 halos) */
  readonly maxPoints?: number
  /** The snapshot read from a Quijote folder; default 4, z = 0 */
  readonly snapshot?: number
}

/**
 * The project's name of a cosmological parameter, from the spellings in use: Omega_m, OmegaM, Om -> omega_m; sigma8, s8
 * -> sigma_8; ns -> n_s; h and HubbleParam -> h. Other names stay.
 */
export function parameterName(name: string): string {
  const bare = name.trim().replace(/^#\s*/, '')
  return KNOWN[bare.toLowerCase().replace(/[_\s]/g, '')] ?? bare
}

const KNOWN: Readonly<Record<string, string>> = {
  omegam: 'omega_m',
  omega0: 'omega_m',
  om: 'omega_m',
  omegab: 'omega_b',
  ob: 'omega_b',
  h: 'h',
  hubbleparam: 'h',
  ns: 'n_s',
  sigma8: 'sigma_8',
  s8: 'sigma_8',
}
