/** Radians */
export const degree = Math.PI / 180

/** A place on the sky, degrees. */
export interface SkyPlace {
  readonly ra: number
  readonly dec: number
}

/**
 * Gnomonic projection about a centre (Calabretta and Greisen 2002, astro-ph/0207413, section 5.1.3): tangents of the
 * angles to the east and to the north, so that a distance turns them into lengths on the plane through the galaxy.
 *
 * @param ra  degrees
 * @param dec degrees
 * @returns `[stars, 2]`; infinite for stars that lie 90 degrees away or more
 */
export function onTangentPlane(ra: ArrayLike<number>, dec: ArrayLike<number>, centre: SkyPlace): Float64Array {
  const [sin0, cos0] = [Math.sin(centre.dec * degree), Math.cos(centre.dec * degree)]
  const out = new Float64Array(2 * ra.length)
  for (let i = 0; i < ra.length; i++) {
    const angle = (ra[i] - centre.ra) * degree
    const [sin, cos] = [Math.sin(dec[i] * degree), Math.cos(dec[i] * degree)]
    const along = sin * sin0 + cos * cos0 * Math.cos(angle)
    const ahead = along > 0
    out[2 * i] = ahead ? (cos * Math.sin(angle)) / along : Number.POSITIVE_INFINITY
    out[2 * i + 1] = ahead ? (sin * cos0 - cos * sin0 * Math.cos(angle)) / along : Number.POSITIVE_INFINITY
  }
  return out
}

/**
 * The place on the sky of a point on the tangent plane: the inverse of `onTangentPlane`. Right ascension in [0, 360).
 */
export function fromTangentPlane({ x, y }: { readonly x: number; readonly y: number }, centre: SkyPlace): SkyPlace {
  const [sin0, cos0] = [Math.sin(centre.dec * degree), Math.cos(centre.dec * degree)]
  const along = cos0 - y * sin0
  const angle = Math.atan2(x, along)
  const ra = centre.ra + angle / degree
  const dec = Math.atan2(sin0 + y * cos0, Math.hypot(x, along)) / degree
  return { ra: ((ra % 360) + 360) % 360, dec }
}
