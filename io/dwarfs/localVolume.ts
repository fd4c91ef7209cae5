import { fileURLToPath } from 'node:url'
import { DataError } from '../../core/index.js'
import { csvRows } from '../csv.js'

/** A dwarf galaxy of the Local Volume Database (Pace 2025, arXiv 2411.07424). NaN where the table has no value. */
export interface LocalVolumeGalaxy {
  /** `fornax_1` */
  readonly key: string
  /** `Fornax` */
  readonly name: string
  /** degrees, J2000 */
  readonly ra: number
  readonly dec: number
  /** kpc */
  readonly distance: Measured
  /** Projected half-light radius along the major axis, arcmin */
  readonly halfLightRadius: Measured
  /** Degrees from north to east */
  readonly positionAngle: number
  readonly ellipticity: number
  /** Heliocentric, km/s */
  readonly systemicVelocity: Measured
  /** Along the line of sight, km/s */
  readonly dispersion: Measured
  /** mas/yr to the east (with cos dec) and to the north */
  readonly properMotion: readonly [east: number, north: number]
  /** log10 Msun within the deprojected half-light radius (Wolf et al. 2010) */
  readonly wolfMass: Measured
}

/** A value and its errors; `upperLimit` where only that is known. */
export interface Measured {
  readonly value: number
  readonly minus: number
  readonly plus: number
  readonly upperLimit?: number
}

const table = fileURLToPath(new URL('../../../data/dwarfs/lvdb.csv', import.meta.url))

/** The galaxies of the table that ships, in its order. */
export async function localVolume(path = table): Promise<readonly LocalVolumeGalaxy[]> {
  const galaxies: LocalVolumeGalaxy[] = []
  let header: readonly string[] | undefined
  for await (const { line, cells } of csvRows(path)) {
    if (!header) {
      header = cells
      continue
    }
    const names = header
    const text = (name: string) => cells[names.indexOf(name)] ?? ''
    const number = (name: string) => {
      const cell = text(name).trim()
      return cell === '' ? Number.NaN : Number(cell)
    }
    const measured = (name: string): Measured => {
      const upperLimit = number(`${name}_ul`)
      const value = { value: number(name), minus: number(`${name}_em`), plus: number(`${name}_ep`) }
      return Number.isNaN(upperLimit) ? value : { ...value, upperLimit }
    }
    const galaxy: LocalVolumeGalaxy = {
      key: text('key'),
      name: text('name'),
      ra: number('ra'),
      dec: number('dec'),
      distance: measured('distance'),
      halfLightRadius: measured('rhalf'),
      positionAngle: number('position_angle'),
      ellipticity: number('ellipticity'),
      systemicVelocity: measured('vlos_systemic'),
      dispersion: measured('vlos_sigma'),
      properMotion: [number('pmra'), number('pmdec')],
      wolfMass: measured('mass_dynamical_wolf'),
    }
    if (galaxy.key === '' || !Number.isFinite(galaxy.ra + galaxy.dec + galaxy.distance.value)) {
      throw new DataError(
        `expected key, ra, dec and distance in line ${line} of ${path}`,
        'got none',
        'restore the table that ships',
      )
    }
    galaxies.push(galaxy)
  }
  return galaxies
}

/** Names by which people call the classical and some faint ones, beside the table's own. */
const shortNames: Readonly<Record<string, string>> = {
  umi: 'ursa_minor_1',
  ursaminor: 'ursa_minor_1',
  uma1: 'ursa_major_1',
  uma2: 'ursa_major_2',
  cvn1: 'canes_venatici_1',
  cvn2: 'canes_venatici_2',
  com: 'coma_berenices_1',
  comber: 'coma_berenices_1',
  coma: 'coma_berenices_1',
  scl: 'sculptor_1',
  for: 'fornax_1',
  dra: 'draco_1',
  sex: 'sextans_1',
  car: 'carina_1',
  sgr: 'sagittarius_1',
  ret2: 'reticulum_2',
  tuc2: 'tucana_2',
  seg1: 'segue_1',
  ant2: 'antlia_2',
  cra2: 'crater_2',
}

/**
 * The galaxy called so, whatever the case and the signs between words: `fornax_1`, `Fornax`, `Fornax dSph`, `Leo II`,
 * `leo2`, `UMi`.
 */
export function galaxyCalled(name: string, galaxies: readonly LocalVolumeGalaxy[]): LocalVolumeGalaxy | undefined {
  const asked = bare(name.replace(/\b(dsph|dwarf( spheroidal)?|galaxy)\b/gi, ''))
  const key = shortNames[asked]
  const exact = galaxies.find(galaxy => galaxy.key === key || bare(galaxy.key) === asked || bare(galaxy.name) === asked)
  return exact ?? galaxies.find(galaxy => bare(galaxy.key) === `${asked}1`)
}

const romanNumerals: Readonly<Record<string, number>> = { I: 1, II: 2, III: 3, IV: 4, V: 5, VI: 6, VII: 7 }

/** Lower case without signs between, with 2 for a II that stands at the end. */
function bare(name: string): string {
  const spelled = name
    .trim()
    .replace(/(?<=[\s_-])(vii|vi|iv|v|iii|ii|i)$/, numeral => numeral.toUpperCase())
    .replace(/(?<=[a-z\s_-])(VII|VI|IV|V|III|II|I)$/, numeral => String(romanNumerals[numeral]))
  return spelled.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
}
