/**
 * When a homogeneous ellipsoid collapses: 1 / b, where b is the linear growth factor (1 today) at which its shortest
 * axis vanishes in third-order Lagrangian perturbation theory. The largest positive root u = 1/b of u^3 - l1 u^2 - 3/14
 * l1 (delta - l1) u - (l1 l2 l3 / 126 + 5/84 l1 delta (delta - l1)) = 0, then b is lowered by 0.364 / delta exp(-6.5
 * (l1 - l2) / delta - 2.8 (l2 - l3) / delta), which makes a sphere collapse at 1.686. Monaco 1997, MNRAS 287, 753;
 * Monaco et al. 2002, arXiv astro-ph/0109323, equations 5 to 8.
 *
 * @param l1 largest eigenvalue of the deformation linearly extrapolated to today; l1 >= l2 >= l3
 * @returns 1/b, above 1 where the ellipsoid has collapsed by today; 0 where it never does
 */
export function collapse(l1: number, l2: number, l3: number): number {
  const delta = l1 + l2 + l3
  const rest = delta - l1
  const c2 = (3 / 14) * l1 * rest
  const c3 = (l1 * l2 * l3) / 126 + (5 / 84) * l1 * delta * rest
  const u = largestRoot(l1, c2, c3)
  if (!(u > 0)) return 0
  if (delta <= 0) return u
  const sooner = (0.364 / delta) * Math.exp((-6.5 * (l1 - l2) - 2.8 * (l2 - l3)) / delta)
  return 1 / (1 / u - sooner)
}

/** The largest real root of u^3 - c1 u^2 - c2 u - c3 = 0. */
function largestRoot(c1: number, c2: number, c3: number): number {
  const shift = c1 / 3
  const p = shift * c1 + c2
  const q = 2 * shift * shift * shift + shift * c2 + c3
  const discriminant = (q * q) / 4 - (p * p * p) / 27
  if (discriminant >= 0) {
    const root = Math.sqrt(discriminant)
    return shift + Math.cbrt(q / 2 + root) + Math.cbrt(q / 2 - root)
  }
  const amplitude = Math.sqrt(p / 3)
  return shift + 2 * amplitude * Math.cos(Math.acos(q / (2 * amplitude * amplitude * amplitude)) / 3)
}

/**
 * 1/b of every cell of a deformation field, written where it is larger than what `into` holds: in the end the largest
 * over the smoothing radii.
 *
 * @param deformation xx, yy, zz, xy, xz, yz
 * @param offset of the first cell in `into`
 */
export function collapseOfCells(deformation: readonly Float32Array[], into: Float32Array, offset: number): void {
  const [xx, yy, zz, xy, xz, yz] = deformation
  for (let i = 0; i < xx.length; i++) {
    const third = (xx[i] + yy[i] + zz[i]) / 3
    const a = xx[i] - third
    const b = yy[i] - third
    const c = zz[i] - third
    const d = xy[i]
    const e = xz[i]
    const f = yz[i]
    const squares = a * a + b * b + c * c + 2 * (d * d + e * e + f * f)
    // l1 <= third + sqrt(2/3 squares); nothing whose l1 is below one half has collapsed (a sphere needs 0.562)
    const room = 0.5 - third
    if (room > 0 && squares < 1.5 * room * room) continue
    // Eigenvalues by trigonometry (Smith 1961, Commun. ACM 4, 168)
    const p = Math.sqrt(squares / 6)
    const determinant = a * (b * c - f * f) - d * (d * c - f * e) + e * (d * f - b * e)
    const cosine = p > 0 ? determinant / (2 * p * p * p) : 1
    const angle = Math.acos(cosine > 1 ? 1 : cosine < -1 ? -1 : cosine) / 3
    const l1 = third + 2 * p * Math.cos(angle)
    const l3 = third + 2 * p * Math.cos(angle + (2 * Math.PI) / 3)
    const value = collapse(l1, 3 * third - l1 - l3, l3)
    if (value > into[offset + i]) into[offset + i] = value
  }
}
