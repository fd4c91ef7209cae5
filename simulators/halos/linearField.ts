import { type Key, normal } from '../../core/index.js'
import { makeEvaluator } from '../../engine/index.js'
import type { PowerSpectrum } from '../cosmology/powerSpectrum.js'
import { forwardMatrices, forwardTransform, fullBand } from './fourier.js'

/** A Gaussian density field in Fourier space, with the box it fills. */
export interface LinearField {
  /** cells a side */
  readonly n: number
  /** Mpc/h */
  readonly box: number
  /**
   * `[n, n, 2, n/2 + 1]` (ky, kx, part, kz) Fourier coefficients of the density contrast, sum convention (see
   * fourier.ts)
   */
  readonly modes: Float32Array
}

/** The modes of real grids `[n, n, n]`, by a program compiled once for each n. */
export interface Forward {
  run(field: Float32Array, n: number): Promise<Float32Array>
  close(): Promise<void>
}

/** @param threads within one product */
export function makeForward(threads: number): Forward {
  const evaluator = makeEvaluator(forwardTransform, { threads, name: 'forward transform' })
  const matrices = new Map<number, ReturnType<typeof forwardMatrices>>()
  return {
    run: async (field, n) => {
      const { across, along } = matrices.get(n) ?? forwardMatrices(n)
      matrices.set(n, { across, along })
      return (await evaluator.run({ shape: [n, n, n], values: field }, across, along)).values as Float32Array
    },
    close: () => evaluator.close(),
  }
}

/**
 * A Gaussian random field with the given power spectrum: white noise on the grid, coloured mode by mode.
 * The variance of a mode is P(k) n^6 / V in the sum convention; the mean is zero.
 *
 * @param n       cells a side, even
 * @param box     side in Mpc/h
 * @param forward the transform of grids of `n` cells a side
 */
export async function gaussianField(
  key: Key,
  power: PowerSpectrum,
  { n, box }: { readonly n: number; readonly box: number },
  forward: Forward,
): Promise<LinearField> {
  const modes = await forward.run(normal(key, n ** 3), n)
  const perMode = Math.sqrt(n ** 3 / box ** 3)
  scaleModes(modes, n, box, k => (k === 0 ? 0 : Math.sqrt(power(k)) * perMode))
  return { n, box, modes }
}

/** Multiplies modes by a function of |k| in h/Mpc, in place. */
export function scaleModes(modes: Float32Array, n: number, box: number, factor: (k: number) => number): void {
  const { across, along } = fullBand(n)
  const fundamental = (2 * Math.PI) / box
  // k^2 takes few distinct values on a cubic grid: whole multiples of the fundamental's
  const table = new Float64Array((3 * n * n) / 4 + 1).fill(Number.NaN)
  let at = 0
  for (const ky of across)
    for (const kx of across)
      for (let part = 0; part < 2; part++)
        for (let kz = 0; kz < along.length; kz++) {
          const multiple = kx * kx + ky * ky + kz * kz
          if (Number.isNaN(table[multiple])) table[multiple] = factor(fundamental * Math.sqrt(multiple))
          modes[at++] *= table[multiple]
        }
}

/** 1 / k^2 in (Mpc/h)^2, the inverse of minus the Laplacian; the mean has none. */
export function inverseLaplacian(k: number): number {
  return k > 0 ? 1 / (k * k) : 0
}
