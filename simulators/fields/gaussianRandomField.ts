import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import { normal, UsageError } from '../../core/index.js'
import type { ThetaDenoiser } from '../../generative/diffusion/index.js'
import type { KnownField } from './knownField.js'

export interface GaussianRandomField extends KnownField {
  /** cells a side; x is `[cells, cells]` */
  readonly cells: number
  /** The exact D(x; sigma, theta), x `[rows, cells, cells]`: a Wiener filter. It has no parameters of its own. */
  readonly denoiser: ThetaDenoiser
}

/**
 * A periodic Gaussian random field on a square mesh with power P(k) = amplitude (k / pivot)^slope, k in units of the
 * fundamental mode; the mean has the power of the fundamental, so that the density is one of the whole mesh. theta =
 * [amplitude, slope].
 *
 * Modes are those of the orthonormal Hartley transform (Bracewell 1983): H_mj = cas(2 pi m j / n) / sqrt(n) along both
 * axes is its own inverse, and mixes only waves of equal |k|, so that the modes of an isotropic field are independent
 * with variance P(k).
 */
export function gaussianRandomField({
  cells = 16,
  pivot = 4,
}: {
  cells?: number
  pivot?: number
} = {}): GaussianRandomField {
  if (!(Number.isInteger(cells) && cells >= 2 && pivot > 0)) {
    throw new UsageError(
      'expected at least 2 cells a side and a positive pivot',
      `got ${cells} and ${pivot}`,
      'choose values within these limits',
    )
  }
  const hartley = hartleyMatrix(cells)
  const logK = logWaveNumbers(cells).map(log => log - Math.log(pivot))
  return {
    cells,
    parameters: ['amplitude', 'slope'],
    ranges: [
      [0.3, 3],
      [-3, 0],
    ],
    simulate: ([amplitude, slope], key) => {
      const white = normal(key, cells * cells)
      return Float32Array.from(
        transform(
          white.map((z, i) => z * Math.sqrt(amplitude * Math.exp(slope * logK[i]))),
          hartley,
          cells,
        ),
      )
    },
    likelihood: x => {
      const shells = powerByShell(transform(x, hartley, cells), logK)
      return ([amplitude, slope], gradient) => {
        if (!(amplitude > 0)) {
          gradient?.fill(0)
          return Number.NEGATIVE_INFINITY
        }
        let [log, ofAmplitude, ofSlope] = [0, 0, 0]
        for (const shell of shells) {
          const logPower = Math.log(amplitude) + slope * shell.logK
          const excess = shell.square * Math.exp(-logPower)
          log -= (shell.count * (Math.log(2 * Math.PI) + logPower) + excess) / 2
          ofAmplitude += (excess - shell.count) / (2 * amplitude)
          ofSlope += ((excess - shell.count) * shell.logK) / 2
        }
        gradient?.set([ofAmplitude, ofSlope])
        return log
      }
    },
    denoiser: (_, x, sigma, theta) => {
      const matrix = tf.tensor2d(Float32Array.from(hartley), [cells, cells])
      const waves = tf.tensor(Float32Array.from(logK), [1, cells, cells])
      const column = (tensor: Tensor) => tf.reshape(tensor, [-1, 1, 1])
      const [amplitude, slope] = [0, 1].map(i => column(tf.slice(theta, [0, i], [-1, 1])))
      const logPower = tf.add(tf.log(amplitude), tf.mul(slope, waves))
      // P / (P + sigma^2)
      const kept = tf.sigmoid(tf.sub(logPower, tf.mul(2, tf.log(column(sigma)))))
      const halfTransform = (state: Tensor) =>
        tf.transpose(
          tf.reshape(tf.matMul(tf.reshape(state, [-1, cells]) as tf.Tensor2D, matrix), [-1, cells, cells]),
          [0, 2, 1],
        )
      // each half transform transposes the mesh; the power is symmetric, so its multiplication fits in between
      return halfTransform(halfTransform(tf.mul(kept, halfTransform(halfTransform(x)))))
    },
  }
}

function hartleyMatrix(n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, i) => {
    const angle = (2 * Math.PI * ((Math.floor(i / n) * (i % n)) % n)) / n
    return (Math.cos(angle) + Math.sin(angle)) / Math.sqrt(n)
  })
}

/** H x H. */
function transform(x: ArrayLike<number>, hartley: Float64Array, n: number): Float64Array {
  const once = new Float64Array(n * n)
  const twice = new Float64Array(n * n)
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) for (let k = 0; k < n; k++) once[i * n + j] += hartley[i * n + k] * x[k * n + j]
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) for (let k = 0; k < n; k++) twice[i * n + j] += once[i * n + k] * hartley[k * n + j]
  return twice
}

/** ln |k| of each mode in units of the fundamental; 0 for the mean. */
function logWaveNumbers(n: number): Float64Array {
  const folded = (m: number) => Math.min(m, n - m)
  return Float64Array.from({ length: n * n }, (_, i) => {
    const square = folded(Math.floor(i / n)) ** 2 + folded(i % n) ** 2
    return Math.log(Math.max(1, square)) / 2
  })
}

/** Sums over the modes of one |k|: all that the likelihood needs. */
function powerByShell(modes: Float64Array, logK: Float64Array): { logK: number; count: number; square: number }[] {
  const shells = new Map<number, { logK: number; count: number; square: number }>()
  modes.forEach((mode, i) => {
    const shell = shells.get(logK[i]) ?? { logK: logK[i], count: 0, square: 0 }
    shell.count++
    shell.square += mode ** 2
    shells.set(logK[i], shell)
  })
  return [...shells.values()]
}
