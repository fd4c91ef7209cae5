import { DataError } from '../../core/index.js'

/** Stars from which a mean and a spread show the unit */
const enoughStars = 8
/** No dwarf galaxy is as wide as this, degrees: the Large Magellanic Cloud's disc spans some twenty */
const widestSky = 60
/** No galaxy of our priors has half its stars beyond this, kpc */
const widestKpc = 100
/** No galaxy has such a dispersion, km/s */
const fastest = 1000

/**
 * Positions in degrees where kpc are expected, or not about the galaxy's centre: their mean lies many spreads away from
 * 0, as in a table of right ascension and declination. And positions in parsecs, which lie too far out.
 *
 * @param positions  `[stars, 2]`
 */
export function requireKpc(
  where: string,
  positions: Float32Array | Float64Array,
  at: (star: number) => string = star => `star ${star}`,
): void {
  const bad = positions.findIndex(value => !Number.isFinite(value))
  if (bad >= 0) {
    throw new DataError(
      `expected finite positions (kpc) in ${where}`,
      `got ${positions[bad]} at ${at(bad >> 1)}`,
      'correct or omit that star',
    )
  }
  const stars = positions.length / 2
  if (stars < enoughStars) return
  const [x, y] = [0, 1].map(axis => momentsOf(positions, axis))
  const away = Math.hypot(x.mean, y.mean)
  const spread = Math.hypot(x.spread, y.spread)
  if (away > 10 * spread) {
    const sky = x.mean >= -180 && x.mean <= 360 && Math.abs(y.mean) <= 90
    throw new DataError(
      `expected positions in kpc from the galaxy's centre in ${where}`,
      `got ${short(x.mean)}, ${short(y.mean)} on average with a spread of ${short(spread)}${sky ? ', which looks like degrees on the sky' : ''}`,
      sky ? 'name the columns ra and dec (and give a distance), or convert them to kpc' : 'subtract the centre',
    )
  }
  if (spread <= widestKpc) return
  const radii = Float64Array.from({ length: stars }, (_, i) =>
    Math.hypot(positions[2 * i], positions[2 * i + 1]),
  ).sort()
  const median = radii[stars >> 1]
  if (median <= widestKpc) return
  throw new DataError(
    `expected positions in kpc in ${where}`,
    `got half the stars beyond ${short(median)}, which looks like parsecs or arcseconds`,
    'convert them to kpc',
  )
}

/** Right ascension and declination, degrees, of one galaxy. */
export function requireSky(
  where: string,
  ra: Float64Array,
  dec: Float64Array,
  at: (star: number) => string = star => `star ${star}`,
): void {
  const beyond = (name: string, values: Float64Array, low: number, high: number) => {
    const bad = values.findIndex(value => !(value >= low && value <= high))
    if (bad < 0) return
    throw new DataError(
      `expected ${name} in degrees, ${low} to ${high}, in ${where}`,
      `got ${values[bad]} at ${at(bad)}`,
      'convert it to degrees (name the columns x and y where they are kpc)',
    )
  }
  beyond('ra', ra, -180, 360)
  beyond('dec', dec, -90, 90)
  const widest = Float64Array.from(dec).sort()
  const width = widest[Math.floor(0.9 * (widest.length - 1))] - widest[Math.floor(0.1 * (widest.length - 1))]
  if (width <= widestSky) return
  throw new DataError(
    `expected the stars of one galaxy in ${where}`,
    `got declinations over ${short(width)} degrees`,
    'check that ra and dec are degrees, and that all stars belong to one galaxy',
  )
}

/** Velocities in m/s where km/s are expected. */
export function requireKmPerSecond(where: string, velocities: Float32Array | Float64Array): void {
  const ascending = Float64Array.from(velocities).sort()
  const { length } = ascending
  const spread = (ascending[Math.floor(0.84 * (length - 1))] - ascending[Math.floor(0.16 * (length - 1))]) / 2
  if (length < enoughStars || spread <= fastest) return
  throw new DataError(
    `expected line-of-sight velocities in km/s in ${where}`,
    `got a dispersion of ${short(spread)}, which looks like m/s`,
    'divide velocities and errors by 1000',
  )
}

function momentsOf(positions: Float32Array | Float64Array, axis: number): { mean: number; spread: number } {
  const stars = positions.length / 2
  let mean = 0
  for (let i = axis; i < positions.length; i += 2) mean += positions[i] / stars
  let square = 0
  for (let i = axis; i < positions.length; i += 2) square += (positions[i] - mean) ** 2 / stars
  return { mean, spread: Math.sqrt(square) }
}

function short(value: number): string {
  return Number(value.toPrecision(4)).toString()
}
