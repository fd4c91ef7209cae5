import { topHat } from '../cosmology/powerSpectrum.js'
import { filteredPair, type LinearField } from './linearField.js'

/** Halos as regions of the initial conditions that have collapsed by today. */
export interface Patches {
  readonly count: number
  /** `[count, 3]` Lagrangian position in Mpc/h */
  readonly centres: Float32Array
  /** `[count]` Lagrangian radius in Mpc/h, largest first */
  readonly radii: Float32Array
}

/** Linear density contrast at which a sphere has collapsed (spherical collapse in an Einstein-de Sitter universe). */
export const collapseThreshold = 1.686

/**
 * Peak patches after Bond and Myers 1996 (ApJS 103, 1), with spherical instead of ellipsoidal collapse: the linear field is
 * smoothed by spheres from large to small; a local maximum above the threshold is a halo of the largest sphere that
 * reaches it, unless it lies in one accepted before.
 *
 * @param radii filter radii in Mpc/h, largest first; an even number
 */
export function peakPatches(field: LinearField, radii: readonly number[], threshold = collapseThreshold): Patches {
  const found: { x: number; y: number; z: number; radius: number }[] = []
  let before: Float32Array | undefined
  for (let i = 0; i < radii.length; i += 2) {
    const pair = filteredPair(
      field,
      k => topHat(k * radii[i]),
      k => topHat(k * radii[i + 1]),
    )
    collect(pair.re, field, radii[i], before, radii[i - 1], threshold, found)
    collect(pair.im, field, radii[i + 1], pair.re, radii[i], threshold, found)
    before = pair.im
  }
  found.sort((a, b) => b.radius - a.radius)
  return exclude(found, field.box)
}

type Candidate = { x: number; y: number; z: number; radius: number }

function collect(
  density: Float32Array,
  field: LinearField,
  radius: number,
  larger: Float32Array | undefined,
  largerRadius: number,
  threshold: number,
  found: Candidate[],
): void {
  const n = field.modes.n
  const cell = field.box / n
  for (let x = 0; x < n; x++)
    for (let y = 0; y < n; y++)
      for (let z = 0; z < n; z++) {
        const at = (x * n + y) * n + z
        const here = density[at]
        if (here < threshold || !isPeak(density, n, x, y, z)) continue
        // The radius where the mean density crosses the threshold, between this filter and the next larger.
        const above = larger ? larger[at] : undefined
        const share =
          above !== undefined && above < threshold ? (here - threshold) / (here - above) : above === undefined ? 0 : 1
        found.push({
          x: (x + vertex(density, n, x, y, z, 0)) * cell,
          y: (y + vertex(density, n, x, y, z, 1)) * cell,
          z: (z + vertex(density, n, x, y, z, 2)) * cell,
          radius: share > 0 ? radius * (largerRadius / radius) ** share : radius,
        })
      }
}

function isPeak(density: Float32Array, n: number, x: number, y: number, z: number): boolean {
  const here = density[(x * n + y) * n + z]
  for (let dx = -1; dx <= 1; dx++)
    for (let dy = -1; dy <= 1; dy++)
      for (let dz = -1; dz <= 1; dz++) {
        if (dx === 0 && dy === 0 && dz === 0) continue
        if (density[(((x + dx + n) % n) * n + ((y + dy + n) % n)) * n + ((z + dz + n) % n)] >= here) return false
      }
  return true
}

/** Offset in cells of the parabola's maximum through a peak and its two neighbours along an axis. */
function vertex(density: Float32Array, n: number, x: number, y: number, z: number, axis: number): number {
  const value = (d: number) => {
    const [a, b, c] = [x + (axis === 0 ? d : 0), y + (axis === 1 ? d : 0), z + (axis === 2 ? d : 0)]
    return density[(((a + n) % n) * n + ((b + n) % n)) * n + ((c + n) % n)]
  }
  const [left, here, right] = [value(-1), value(0), value(1)]
  const curvature = left - 2 * here + right
  return curvature < 0 ? Math.max(-0.5, Math.min(0.5, (left - right) / (2 * curvature))) : 0
}

/** Keeps a candidate unless its centre lies in the sphere of a larger one already kept. */
function exclude(candidates: readonly Candidate[], box: number): Patches {
  const reach = candidates.length > 0 ? candidates[0].radius : 1
  const cells = Math.max(1, Math.floor(box / reach))
  const width = box / cells
  const kept = new Map<number, Candidate[]>()
  const accepted: Candidate[] = []
  const cellOf = (v: number) => ((Math.floor(v / width) % cells) + cells) % cells
  for (const c of candidates) {
    const [cx, cy, cz] = [cellOf(c.x), cellOf(c.y), cellOf(c.z)]
    const cellsAround = new Set<number>()
    for (let dx = -1; dx <= 1; dx++)
      for (let dy = -1; dy <= 1; dy++)
        for (let dz = -1; dz <= 1; dz++)
          cellsAround.add(
            (((cx + dx + cells) % cells) * cells + ((cy + dy + cells) % cells)) * cells + ((cz + dz + cells) % cells),
          )
    let inside = false
    for (const cell of cellsAround)
      for (const other of kept.get(cell) ?? []) inside ||= distance(c, other, box) < other.radius
    if (inside) continue
    accepted.push(c)
    const own = (cx * cells + cy) * cells + cz
    const list = kept.get(own)
    if (list) list.push(c)
    else kept.set(own, [c])
  }
  return {
    count: accepted.length,
    centres: Float32Array.from(accepted.flatMap(c => [c.x, c.y, c.z])),
    radii: Float32Array.from(accepted, c => c.radius),
  }
}

function distance(a: Candidate, b: Candidate, box: number): number {
  const along = (d: number) => d - box * Math.round(d / box)
  return Math.hypot(along(a.x - b.x), along(a.y - b.y), along(a.z - b.z))
}
