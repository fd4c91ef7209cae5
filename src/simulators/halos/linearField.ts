import { type Key, normal } from '../../core/index.js'
import type { PowerSpectrum } from '../cosmology/powerSpectrum.js'
import { type ComplexGrid, complexGrid, transform, waveNumbers } from './fourier.js'

/** A Gaussian density field in Fourier space, with the box it fills. */
export interface LinearField {
  /** Fourier coefficients of the density contrast, sum convention (see fourier.ts) */
  readonly modes: ComplexGrid
  /** Mpc/h */
  readonly box: number
}

/**
 * A Gaussian random field with the given power spectrum: white noise on the grid, coloured mode by mode.
 * The variance of a mode is P(k) n^6 / V in the sum convention; the mean is zero.
 *
 * @param n   cells a side, a power of two
 * @param box side in Mpc/h
 */
export function gaussianField(key: Key, power: PowerSpectrum, n: number, box: number): LinearField {
  const modes = complexGrid(n)
  modes.re.set(normal(key, n ** 3))
  transform(modes, 'forward')
  const perMode = Math.sqrt(n ** 3 / box ** 3)
  scaleModes({ modes, box }, modes, k => (k === 0 ? 0 : Math.sqrt(power(k)) * perMode))
  return { modes, box }
}

/** Two filtered real fields for the price of one transform: the first in the real part, the second in the imaginary part. */
export function filteredPair(field: LinearField, first: (k: number) => number, second: (k: number) => number): ComplexGrid {
  const { n, re, im } = field.modes
  const out = complexGrid(n)
  const filterOf = tabulated(field, k => [first(k), second(k)])
  forEachMode(field, (at, squared) => {
    const [a, b] = filterOf(squared)
    out.re[at] = a * re[at] - b * im[at]
    out.im[at] = a * im[at] + b * re[at]
  })
  transform(out, 'inverse')
  return out
}

/**
 * Zel'dovich displacement in Mpc/h along each axis: psi_k = i k / k^2 delta_k (Zel'dovich 1970), filtered.
 * Zel'dovich's approximation moves a particle from q to q + psi(q).
 */
export function displacement(field: LinearField, filter: (k: number) => number): [Float32Array, Float32Array, Float32Array] {
  const { n, re, im } = field.modes
  const k = waveNumbers(n, field.box)
  const filterOf = tabulated(field, k => filter(k))
  const axis = (index: number, which: number) =>
    [Math.floor(index / (n * n)), Math.floor(index / n) % n, index % n][which] as number
  const pack = (a: number, b: number | null): ComplexGrid => {
    const out = complexGrid(n)
    forEachMode(field, (at, squared) => {
      if (squared === 0) return
      // The Nyquist plane has no partner of opposite sign: its gradient is zero.
      const along = (which: number) => (axis(at, which) === n / 2 ? 0 : k[axis(at, which)])
      const weight = filterOf(squared) / squared
      // psi_a + i psi_b, and multiplication by i (k_a + i k_b) = i k_a - k_b
      const real = -(b === null ? 0 : along(b)) * weight
      const imaginary = along(a) * weight
      out.re[at] = real * re[at] - imaginary * im[at]
      out.im[at] = real * im[at] + imaginary * re[at]
    })
    transform(out, 'inverse')
    return out
  }
  const xy = pack(0, 1)
  return [xy.re, xy.im, pack(2, null).re]
}

function forEachMode(field: LinearField, visit: (index: number, kSquared: number) => void): void {
  const n = field.modes.n
  const k = waveNumbers(n, field.box)
  let at = 0
  for (let x = 0; x < n; x++)
    for (let y = 0; y < n; y++) {
      const plane = k[x] * k[x] + k[y] * k[y]
      for (let z = 0; z < n; z++, at++) visit(at, plane + k[z] * k[z])
    }
}

/** A function of |k| looked up by k^2, which takes few distinct values on a cubic grid: whole multiples of the fundamental's. */
function tabulated<T>(field: LinearField, f: (k: number) => T): (kSquared: number) => T {
  const fundamental = ((2 * Math.PI) / field.box) ** 2
  const table: (T | undefined)[] = []
  return squared => {
    const multiple = Math.round(squared / fundamental)
    const known = table[multiple]
    if (known !== undefined) return known
    const value = f(Math.sqrt(squared))
    table[multiple] = value
    return value
  }
}

function scaleModes(field: LinearField, modes: ComplexGrid, factor: (k: number) => number): void {
  const factorOf = tabulated(field, factor)
  forEachMode(field, (at, squared) => {
    const by = factorOf(squared)
    modes.re[at] *= by
    modes.im[at] *= by
  })
}
