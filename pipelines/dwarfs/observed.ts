import { DataError, UsageError } from '../../core/index.js'
import type { Dwarf } from '../../io/dwarfs/dwarf.js'
import type { LocalVolumeGalaxy, StarTable } from '../../io/index.js'
import { plummerCentre } from './centre.js'
import { type SystemicVelocity, systemicVelocity } from './systemicVelocity.js'
import { degree, fromTangentPlane, onTangentPlane } from './tangentPlane.js'

/** Measured stars as the contract of a dwarf galaxy wants them, and how they came to be so. */
export interface ObservedDwarf {
  /** kpc from the centre and km/s from the systemic velocity; theta is empty */
  readonly dwarf: Dwarf
  /** degrees; absent where positions came in kpc */
  readonly centre?: { readonly ra: number; readonly dec: number; readonly from: 'table' | 'stars' }
  /** kpc, where known */
  readonly distance?: number
  readonly velocity: SystemicVelocity
  /** What a reader should know: what was left out, what looks odd */
  readonly notes: readonly string[]
}

export interface ObserveOptions {
  /** kpc; taken before the galaxy's own */
  readonly distance?: number
  readonly galaxy?: LocalVolumeGalaxy
}

/** km/s of 1 mas/yr at 1 kpc (IAU astronomical unit, Julian year) */
const kmPerSecond = 4.740470463533

/**
 * Stars of a table as a dwarf galaxy: projected on the tangent plane about the centre at its distance, at rest, and
 * free of what the galaxy's own motion adds across the sky where its proper motion is known (van der Marel et al. 2002,
 * astro-ph/0205161).
 *
 * @throws UsageError where places are angles and no distance is known; DataError where the stars lie elsewhere than the
 *   galaxy
 */
export function observeStars(table: StarTable, { distance, galaxy }: ObserveOptions = {}): ObservedDwarf {
  requireDistance(distance)
  const known = distance ?? galaxy?.distance.value
  const notes: string[] = []
  const placed = table.coordinates === 'sky' ? onSky(table, known, galaxy) : onPlane(table, notes)
  const velocities = table.velocities.slice()
  if (placed.angles && galaxy) notes.push(removePerspective(velocities, placed.angles, galaxy, known ?? Number.NaN))
  else if (placed.angles) {
    notes.push(`The galaxy's motion across the sky is not known, so its perspective in the velocities is left in.`)
  }
  const velocity = systemicVelocity(velocities, table.velocityErrors, table.membership)
  if (velocity.outliers > 0) {
    const some = `${velocity.outliers} of ${table.stars} stars are more than 4 dispersions from the systemic velocity`
    notes.push(`${some}: foreground stars, perhaps; a column p_member would weigh them.`)
  }
  const dwarf: Dwarf = {
    stars: table.stars,
    positions: placed.positions,
    velocities: Float32Array.from(velocities, v => v - velocity.mean),
    velocityErrors: Float32Array.from(table.velocityErrors),
    ...(table.membership && { membership: Float32Array.from(table.membership) }),
    theta: {},
  }
  return {
    dwarf,
    ...(placed.centre && { centre: placed.centre }),
    ...(known !== undefined && { distance: known }),
    velocity,
    notes,
  }
}

/** @throws UsageError where it is known and can be none, kpc */
export function requireDistance(distance: number | undefined): void {
  if (distance === undefined || (distance > 0 && distance < 1e5)) return
  throw new UsageError('expected --distance in kpc, above 0', `got ${distance}`, 'for Fornax it is 142.56')
}

interface Placed {
  /** `[stars, 2]` kpc */
  readonly positions: Float32Array
  /** `[stars, 2]` tangents of the angles from the centre, east and north */
  readonly angles?: Float64Array
  readonly centre?: NonNullable<ObservedDwarf['centre']>
}

function onSky(table: StarTable, distance: number | undefined, galaxy?: LocalVolumeGalaxy): Placed {
  if (distance === undefined) {
    throw new UsageError(
      `expected a distance for the positions in degrees of ${table.path}`,
      'got neither --distance nor --galaxy',
      'pass --distance KPC, or --galaxy NAME of a known one',
    )
  }
  const { first: ra, second: dec } = table
  const centre = galaxy
    ? { ra: galaxy.ra, dec: galaxy.dec, from: 'table' as const }
    : { ...centreOnSky(table), from: 'stars' as const }
  const angles = onTangentPlane(ra, dec, centre)
  const radii = Float64Array.from({ length: table.stars }, (_, i) =>
    Math.hypot(angles[2 * i], angles[2 * i + 1]),
  ).sort()
  const typical = Math.atan(radii[table.stars >> 1]) / degree
  const widest = galaxy ? Math.max(2, galaxy.halfLightRadius.value / 6) : 20
  if (!(typical <= widest)) {
    const where = galaxy ? `of ${galaxy.name} at ra ${centre.ra}, dec ${centre.dec}` : 'about one centre'
    const far = Number.isFinite(typical)
      ? `half of them beyond ${typical.toFixed(1)} degrees`
      : 'half of them on the other side of the sky'
    throw new DataError(
      `expected stars ${where} in ${table.path}`,
      `got ${far}`,
      'check --galaxy and the columns ra and dec',
    )
  }
  return { positions: Float32Array.from(angles, tangent => tangent * distance), angles, centre }
}

/** The plane's origin is the centre, as our layouts have it; stars that are off it are reported, not moved. */
function onPlane({ stars, first, second, membership }: StarTable, notes: string[]): Placed {
  const positions = new Float64Array(2 * stars)
  for (let i = 0; i < stars; i++) positions.set([first[i], second[i]], 2 * i)
  const centre = plummerCentre(positions, membership)
  const away = Math.hypot(centre.x, centre.y)
  if (away > 4 * centre.error) {
    notes.push(
      `The stars' own centre is ${away.toPrecision(2)} kpc from x = y = 0 (± ${centre.error.toPrecision(1)}), which is taken as the galaxy's.`,
    )
  }
  return { positions: Float32Array.from(positions) }
}

/** The centre of the stars themselves: on a plane that touches the sky near it, then once more there. */
function centreOnSky({ first: ra, second: dec, membership }: StarTable): { ra: number; dec: number } {
  let centre = meanDirection(ra, dec)
  for (let pass = 0; pass < 3; pass++) {
    const angles = onTangentPlane(ra, dec, centre)
    const usable = angles.map(tangent => (Number.isFinite(tangent) ? tangent : 10))
    centre = fromTangentPlane(plummerCentre(usable, membership), centre)
  }
  return centre
}

function meanDirection(ra: Float64Array, dec: Float64Array): { ra: number; dec: number } {
  let [x, y, z] = [0, 0, 0]
  for (let i = 0; i < ra.length; i++) {
    const flat = Math.cos(dec[i] * degree)
    x += flat * Math.cos(ra[i] * degree)
    y += flat * Math.sin(ra[i] * degree)
    z += Math.sin(dec[i] * degree)
  }
  return { ra: Math.atan2(y, x) / degree, dec: Math.atan2(z, Math.hypot(x, y)) / degree }
}

/**
 * Takes from each velocity what the centre's motion adds at its place. With V the centre's velocity and n the direction
 * to the star, V . n = (v_los + v_east xi + v_north eta) / sqrt(1 + xi^2 + eta^2), of which v_los at the centre
 * remains.
 */
function removePerspective(
  velocities: Float64Array,
  angles: Float64Array,
  galaxy: LocalVolumeGalaxy,
  distance: number,
): string {
  const [east, north] = galaxy.properMotion.map(motion => kmPerSecond * motion * distance)
  const bulk = galaxy.systemicVelocity.value
  if (!Number.isFinite(east + north + bulk)) {
    return `The proper motion of ${galaxy.name} is not known, so its perspective in the velocities is left in.`
  }
  let most = 0
  for (let i = 0; i < velocities.length; i++) {
    const [xi, eta] = [angles[2 * i], angles[2 * i + 1]]
    const added = (bulk + east * xi + north * eta) / Math.hypot(1, xi, eta) - bulk
    velocities[i] -= added
    most = Math.max(most, Math.abs(added))
  }
  return `The perspective of ${galaxy.name}'s motion across the sky is taken out of the velocities: at most ${most.toFixed(1)} km/s.`
}
