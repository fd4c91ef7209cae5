import { type Key, normal } from '../../core/index.js'
import { interpolate, type Mesh, type Placement } from './mesh.js'

/**
 * A random flow without rotation at the points, `[points, 3]`: each mode k of the box carries `i k / |k|` times a
 * complex normal number of variance `power(|k|) / volume`, so that one component's variance is the sum of `power / (3
 * volume)` over modes. Statistically the same from every side and everywhere. Waves from the mesh's Nyquist wave on are
 * left out.
 */
export function potentialFlow(mesh: Mesh, placement: Placement, power: (k: number) => number, key: Key): Float64Array {
  const { box, waves, windows, cells } = mesh
  const volume = box[0] * box[1] * box[2]
  const white = Float64Array.from(normal(key, cells))
  const whiteIm = new Float64Array(cells)
  mesh.transform(white, whiteIm, false)
  const out = new Float64Array(3 * placement.points)
  // The transform of white noise has variance `cells` a mode; the inverse without a factor sums modes as they are.
  const unit = 1 / Math.sqrt(cells * volume)
  for (const axes of [[0, 1], [2]]) {
    const real = new Float64Array(cells)
    const imaginary = new Float64Array(cells)
    forEachMode(mesh, (at, x, y, z) => {
      const k2 = waves[0][x] ** 2 + waves[1][y] ** 2 + waves[2][z] ** 2
      if (k2 === 0) return
      const k = Math.sqrt(k2)
      const p = power(k)
      if (!(p > 0)) return
      const scale = (Math.sqrt(p) * unit) / (k * windows[0][x] * windows[1][y] * windows[2][z])
      for (let which = 0; which < axes.length; which++) {
        const axis = axes[which]
        const along = scale * (axis === 0 ? waves[0][x] : axis === 1 ? waves[1][y] : waves[2][z])
        const re = -whiteIm[at] * along
        const im = white[at] * along
        if (which === 0) {
          real[at] += re
          imaginary[at] += im
        } else {
          real[at] -= im
          imaginary[at] += re
        }
      }
    })
    mesh.transform(real, imaginary, true)
    for (let which = 0; which < axes.length; which++)
      interpolate(mesh, placement, which === 0 ? real : imaginary, out, 3, axes[which])
  }
  return out
}

/** Visits every mode with its place along each axis, save Nyquist waves, which have no partner of opposite sign. */
function forEachMode({ size }: Mesh, visit: (at: number, x: number, y: number, z: number) => void): void {
  let at = 0
  for (let x = 0; x < size[0]; x++)
    for (let y = 0; y < size[1]; y++)
      for (let z = 0; z < size[2]; z++, at++)
        if (2 * x !== size[0] && 2 * y !== size[1] && 2 * z !== size[2]) visit(at, x, y, z)
}
