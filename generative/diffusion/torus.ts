import {
  type Box,
  type Key,
  minimumImage,
  normal,
  type State,
  UsageError,
  uniform,
  wrap,
  wrapPositions,
} from '../../core/index.js'
import { stateOf } from './state.js'

/**
 * Diffusion on a periodic box: the noise is normal and wrapped, the end point uniform. States stay lifted while a
 * sampler runs (core/denoiser.ts): x + sigma eps without wrapping, read by minimum image, wrapped once at the end.
 */

/** exp(-sigma^2 k^2 / 2), k = 2 pi / length: what is left of the fundamental mode; at half the box 0.72% of it. */
export function residualAmplitude(sigma: number, length: number): number {
  return Math.exp(-((sigma * 2 * Math.PI) ** 2) / (2 * length ** 2))
}

/** The sigma at which so much of the fundamental mode is left; with 0.0072, half the box. */
export function sigmaOfResidual(residual: number, length: number): number {
  if (!(residual > 0 && residual < 1)) {
    throw new UsageError(
      'expected a residual amplitude in (0, 1)',
      `got ${residual}`,
      'take 0.0072, which is half the box',
    )
  }
  return (length / (2 * Math.PI)) * Math.sqrt(-2 * Math.log(residual))
}

/**
 * The end point on the torus: every coordinate uniform in [0, length). The channels are the box's axes, all periodic.
 */
export function uniformStart(key: Key, shape: State['shape'], box: Box): State {
  if (shape[2] !== box.length || box.includes(null)) {
    throw new UsageError(
      `expected a periodic box of ${shape[2]} axes for a uniform start`,
      `got [${box.map(length => length ?? 'open').join(', ')}]`,
      'use boxStart, which draws open axes and features from a Gaussian',
    )
  }
  return boxStart(key, shape, box, 1)
}

/** Periodic axes uniform in the box; open axes, and channels past the box's axes, normal with this sigma. */
export function boxStart(key: Key, shape: State['shape'], box: Box, sigma: number): State {
  const size = shape[0] * shape[1] * shape[2]
  const flat = uniform(key.split('uniform'), size)
  const values = normal(key.split('normal'), size)
  for (let i = 0; i < size; i++) {
    const length = box[i % shape[2]] ?? null
    values[i] = length === null ? sigma * values[i] : Math.min(flat[i] * length, below(length))
  }
  return stateOf(shape, values)
}

/** The plain Gaussian base: N(0, sigma^2) in every entry. */
export function gaussianStart(key: Key, shape: State['shape'], sigma: number): State {
  return stateOf(
    shape,
    normal(key, shape).map(z => sigma * z),
  )
}

/** Coordinates of the box's axes taken into [0, length); channels past them are left. A new state. */
export function wrapState(x: State, box: Box): State {
  const channels = x.shape[2]
  if (channels === box.length) return { shape: x.shape, values: wrapPositions(Float32Array.from(x.values), box) }
  const values = x.values.map((value, i) => {
    const length = box[i % channels] ?? null
    return length === null ? value : Math.min(wrap(value, length), below(length))
  })
  return { shape: x.shape, values }
}

/**
 * The images of x that lie nearest to `near`, entry by entry: undoes a wrapping where the lifted state is known
 * approximately.
 */
export function liftState(x: State, near: State, box: Box): State {
  const values = x.values.map(
    (value, i) => near.values[i] + minimumImage(value - near.values[i], box[i % x.shape[2]] ?? null),
  )
  return { shape: x.shape, values }
}

/** Nearest image of every separation from `from` to `to`: how a periodic denoiser reads two lifted states. */
export function separations(from: State, to: State, box: Box): State {
  const values = to.values.map((value, i) => minimumImage(value - from.values[i], box[i % from.shape[2]] ?? null))
  return { shape: from.shape, values }
}

export interface TorusNoise {
  /** x + sigma eps, not wrapped */
  readonly lifted: State
  /** standard normal, as x */
  readonly noise: State
  /**
   * -sigma grad log q(z | x) with q the wrapped normal: eps while sigma is far below the box, 0 far above. Regressing
   * on it or on eps has the same minimiser; this one varies less, and it is what the bound on the torus is made of.
   */
  readonly target: State
}

/** Noise that respects the box: x `[batch, points, channels]`, one sigma a cloud `[batch]`. */
export function torusNoise(key: Key, x: State, sigmas: ArrayLike<number>, box: Box): TorusNoise {
  const each = x.shape[1] * x.shape[2]
  const noise = normal(key, x.values.length)
  const lifted = new Float32Array(noise.length)
  const target = new Float32Array(noise.length)
  for (let i = 0; i < noise.length; i++) {
    const sigma = sigmas[Math.floor(i / each)]
    const length = box[i % x.shape[2]] ?? null
    lifted[i] = x.values[i] + sigma * noise[i]
    target[i] = length === null ? noise[i] : -sigma * wrappedNormal(sigma * noise[i], sigma, length).score
  }
  return { lifted: stateOf(x.shape, lifted), noise: stateOf(x.shape, noise), target: stateOf(x.shape, target) }
}

/**
 * The wrapped normal density on a circle, its logarithm and the score d log p / dd, at a displacement d from its
 * centre. A sum over images while it is narrow, over Fourier modes once it is wide (each in a handful of terms).
 */
export function wrappedNormal(d: number, sd: number, length: number): { logProb: number; score: number } {
  const near = minimumImage(d, length)
  if (sd < 0.3 * length) {
    const images = Math.ceil((8 * sd) / length) + 1
    const exponent = -(near ** 2) / (2 * sd ** 2)
    let [sum, slope] = [0, 0]
    for (let image = -images; image <= images; image++) {
      const there = near + image * length
      const weight = Math.exp(-(there ** 2) / (2 * sd ** 2) - exponent)
      sum += weight
      slope -= (weight * there) / sd ** 2
    }
    return { logProb: exponent + Math.log(sum) - Math.log(sd) - Math.log(2 * Math.PI) / 2, score: slope / sum }
  }
  const k = (2 * Math.PI) / length
  let [sum, slope] = [1, 0]
  for (let mode = 1; ; mode++) {
    const amplitude = 2 * Math.exp(-((sd * k * mode) ** 2) / 2)
    if (amplitude < 1e-17) break
    sum += amplitude * Math.cos(k * mode * near)
    slope -= amplitude * k * mode * Math.sin(k * mode * near)
  }
  return { logProb: Math.log(sum / length), score: slope / sum }
}

/**
 * KL(wrapped normal || uniform) on a circle, nats an axis: the prior term of a bound on the torus; about
 * residualAmplitude^2.
 */
export function torusPriorKl(sigma: number, length: number): number {
  const nodes = 512
  let sum = 0
  for (let node = 0; node < nodes; node++) {
    const log = wrappedNormal((node / nodes) * length, sigma, length).logProb + Math.log(length)
    sum += (Math.exp(log) * log) / nodes
  }
  return sum
}

/** log density of the uniform base, `[batch]`. */
export function uniformLogProb(box: Box): (x: State) => Float64Array {
  return x =>
    new Float64Array(x.shape[0]).fill(-x.shape[1] * box.reduce<number>((sum, l) => sum + Math.log(l ?? Number.NaN), 0))
}

/** The largest float32 below a length. */
function below(length: number): number {
  const rounded = Math.fround(length)
  return Math.fround(rounded * (1 - 2 ** -24))
}
