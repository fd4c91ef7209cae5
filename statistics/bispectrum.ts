import type { Box } from '../core/index.js'
import { makeTransform } from '../gnn/marks/transform.js'
import { boxVolume, periodicLengths } from './boxLengths.js'
import { type DensityModes, densityModes, modesBelow } from './densityModes.js'
import type { Estimate } from './jackknife.js'

const modesPerShell = 3
/** Three modes of less than a third of the mesh each cannot close around it: every triangle counted is a true one. */
const sideFor = (shells: number) => 2 ** Math.ceil(Math.log2(3 * modesPerShell * (shells + 1)))

/** Shells of wavenumber and what depends on the box alone: how many modes and closed triangles they hold. */
export interface TriangleShells {
  /** `[shells + 1]` h/Mpc */
  readonly edges: readonly number[]
  /** `[shells]` mean |k| of the modes, h/Mpc */
  readonly k: readonly number[]
  /** `[shells]` modes, both of each pair of opposites */
  readonly modes: readonly number[]
  /** `[shells]` closed triangles with all sides in the shell */
  readonly equilateral: readonly number[]
  /** `[shells - 1]` closed triangles with one side in the first shell and two in shell 1, 2, … */
  readonly squeezed: readonly number[]
}

/**
 * Power spectrum and two cuts through the bispectrum of one field, shot noise subtracted. The squeezed cut has no
 * error: that of a Gaussian field is some .65 of the scatter of clustered ones.
 */
export interface ThreePoint {
  /** `[shells]` P(k), (Mpc/h)^3 */
  readonly power: Estimate
  /** `[shells]` B(k, k, k), (Mpc/h)^6 */
  readonly equilateral: Estimate
  /** `[shells - 1]` B(k_first, k, k), (Mpc/h)^6 */
  readonly squeezed: Float64Array
}

/**
 * Shells from 3 fundamental modes of the longest axis up, each 3 wide: six of them are .019-.13 h/Mpc in a box of 1
 * Gpc/h.
 */
export function triangleShells(box: Box, shells = 6): TriangleShells {
  const fundamental = (2 * Math.PI) / Math.max(...periodicLengths(box))
  const count = shells + 1
  const edges = Array.from({ length: count }, (_, i) => (i + 1) * modesPerShell * fundamental)
  const { n, k } = modesBelow(box, edges[count - 1])
  const ones = { n, k, real: new Float64Array(k.length).fill(1), imaginary: new Float64Array(k.length) }
  const of = shellOf(k, edges)
  const modes = new Array<number>(count - 1).fill(0)
  const sum = new Array<number>(count - 1).fill(0)
  for (const [mode, shell] of of.entries()) {
    if (shell < 0) continue
    modes[shell] += 2
    sum[shell] += 2 * k[mode]
  }
  const { equilateral, squeezed } = closedTriples(ones, edges)
  return {
    edges,
    k: sum.map((total, shell) => total / modes[shell]),
    modes,
    equilateral: Array.from(equilateral, Math.round),
    squeezed: Array.from(squeezed, Math.round),
  }
}

/**
 * The bispectrum B = <delta(k1) delta(k2) delta(k3)> / V over closed triangles, by products of fields filtered to
 * shells (Scoccimarro 2015, arXiv 1506.02729, section 2), and P = <|delta(k)|^2> / V. Of Poisson points with a density
 * n that leaves P - 1/n and B - (P1 + P2 + P3) / n - 1/n^2 (Peebles 1980, section 43), P here without its noise. Errors
 * are those of a Gaussian field, P sqrt(2 / modes) and sqrt(6 V P^3 / triangles), P with its noise (Scoccimarro 2000,
 * astro-ph/0004086, section 2): some .8 of the scatter of 16 fiducial halo fields, for structures couple the modes.
 *
 * @param positions `[points, 3]` Mpc/h
 * @param shells    of the same box, from `triangleShells`
 */
export function threePoint(positions: Float32Array, box: Box, shells: TriangleShells): ThreePoint {
  const volume = boxVolume(box)
  const noise = volume / (positions.length / 3)
  const modes = densityModes(positions, box, shells.edges[shells.edges.length - 1])
  const of = shellOf(modes.k, shells.edges)
  const power = new Float64Array(shells.modes.length)
  for (const [mode, shell] of of.entries())
    if (shell >= 0) power[shell] += 2 * (modes.real[mode] ** 2 + modes.imaginary[mode] ** 2)
  for (const [shell, count] of shells.modes.entries()) power[shell] = power[shell] / volume / count - noise
  const sums = closedTriples(modes, shells.edges)
  const shot = (...sides: number[]) => sides.reduce((sum, shell) => sum + power[shell], 0) * noise + noise ** 2
  // The noise is in the modes, and so in their scatter: total power here.
  const total = power.map(p => Math.max(p, 0) + noise)
  return {
    power: { value: power, error: total.map((p, shell) => p * Math.sqrt(2 / shells.modes[shell])) },
    equilateral: {
      value: sums.equilateral.map((sum, s) => sum / volume / shells.equilateral[s] - shot(s, s, s)),
      error: total.map((p, s) => Math.sqrt((6 * volume * p ** 3) / shells.equilateral[s])),
    },
    squeezed: sums.squeezed.map((sum, at) => sum / volume / shells.squeezed[at] - shot(0, at + 1, at + 1)),
  }
}

/** Sums of delta1 delta2 delta3 over closed triangles of shells (s, s, s) and (0, s, s). */
function closedTriples(modes: DensityModes, edges: readonly number[]) {
  const [first, ...others] = filteredFields(modes, edges)
  return {
    equilateral: Float64Array.from([first, ...others], field => meanTriple(field, field)),
    squeezed: Float64Array.from(others, field => meanTriple(first, field)),
  }
}

/** Mean of a b^2 over the mesh. */
function meanTriple(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let at = 0; at < a.length; at++) sum += a[at] * b[at] * b[at]
  return sum / a.length
}

/** The density of each shell alone at the points of the mesh; two real fields share one complex transform. */
function filteredFields({ n, k, real, imaginary }: DensityModes, edges: readonly number[]): Float64Array[] {
  const of = shellOf(k, edges)
  const shells = edges.length - 1
  const side = sideFor(shells)
  const transform = makeTransform([side, side, side])
  const out: Float64Array[] = []
  for (let shell = 0; shell < shells; shell += 2) {
    const mesh: ComplexMesh = { side, real: new Float64Array(side ** 3), imaginary: new Float64Array(side ** 3) }
    for (let mode = 0; mode < k.length; mode++) {
      if (of[mode] !== shell && of[mode] !== shell + 1) continue
      // delta(-k) is the conjugate of delta(k); times i for the second field of the pair
      const [x, y, z] = [n[3 * mode], n[3 * mode + 1], n[3 * mode + 2]]
      const [re, im] = [real[mode], imaginary[mode]]
      if (of[mode] === shell) {
        put(mesh, x, y, z, re, im)
        put(mesh, -x, -y, -z, re, -im)
      } else {
        put(mesh, x, y, z, -im, re)
        put(mesh, -x, -y, -z, im, re)
      }
    }
    transform(mesh.real, mesh.imaginary, true)
    out.push(mesh.real)
    if (shell + 1 < shells) out.push(mesh.imaginary)
  }
  return out
}

/** `[side, side, side]`, z fastest. Mode n < 0 lies at side + n. */
interface ComplexMesh {
  readonly side: number
  readonly real: Float64Array
  readonly imaginary: Float64Array
}

function put({ side, real, imaginary }: ComplexMesh, x: number, y: number, z: number, re: number, im: number): void {
  const at = (((x + side) % side) * side + ((y + side) % side)) * side + ((z + side) % side)
  real[at] = re
  imaginary[at] = im
}

/** The shell of each mode, -1 below the first. */
function shellOf(k: Float64Array, edges: readonly number[]): Int32Array {
  // a mode on an edge is in the shell above, whatever the rounding of its wavenumber
  return Int32Array.from(k, modulus => edges.findLastIndex(edge => modulus * (1 + 1e-12) >= edge)).map(shell =>
    shell < edges.length - 1 ? shell : -1,
  )
}
