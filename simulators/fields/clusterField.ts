import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import { type Key, minimumImage, normal, periodicBox, UsageError, uniform, wrapPositions } from '../../core/index.js'
import type { ThetaDenoiser } from '../../generative/diffusion/index.js'
import { poisson } from '../dwarfs/starCount.js'
import type { KnownField, Likelihood } from './knownField.js'

export interface ClusterFieldOptions {
  /** side of the periodic square */
  readonly box: number
  /** `[clusters, 2]` where the clusters are */
  readonly parents: Float32Array
  /** points a unit area besides, positive */
  readonly background: number
}

export interface ClusterField extends KnownField {
  /**
   * The exact D(x; sigma, theta) of the positions given their number, x `[rows, points, 2]`, lifted. It has no
   * parameters of its own.
   */
  readonly denoiser: ThetaDenoiser
  /**
   * The likelihood of the number of points. Added to the log density of their positions given their number it makes
   * `likelihood`. Nats, with the gradient.
   */
  countLikelihood(points: number): Likelihood
}

/**
 * Images on either side that a wrapped normal sums. The next ones weigh exp(-18) where the width is half a box, and
 * less for smaller widths.
 */
const images = 3

/**
 * The same for the denoiser: at a width of half a box, where nothing of the data is left, the next ones weigh exp(-12)
 * at most.
 */
const denoiserImages = 2

/**
 * An inhomogeneous Poisson process on a periodic square around given parents, each with `richness` points on average in
 * a normal of one `width`: lambda(x) = background + richness sum_j N(x - x_j; width^2), wrapped. theta = [richness,
 * width]. x is `[points, 2]`, their number random.
 *
 * log p(x | theta) = sum_i log lambda(x_i) - background area - richness clusters: the density of the unordered set
 * (Daley and Vere-Jones 2003, equation 7.1.2).
 */
export function clusterField({ box, parents, background }: ClusterFieldOptions): ClusterField {
  if (!(box > 0 && background > 0 && parents.length >= 2 && parents.length % 2 === 0)) {
    throw new UsageError(
      'expected a positive box and background and at least one parent [clusters, 2]',
      `got ${box}, ${background} and ${parents.length} coordinates`,
      'choose values within these limits',
    )
  }
  const clusters = parents.length / 2
  const total = (richness: number) => background * box ** 2 + richness * clusters
  const valid = (richness: number, width: number) => richness > 0 && width > 0 && width <= box / 2
  const none = (gradient?: Float64Array) => {
    gradient?.fill(0)
    return Number.NEGATIVE_INFINITY
  }
  return {
    parameters: ['richness', 'width'],
    ranges: [
      [2, 40],
      [box / 50, box / 8],
    ],
    simulate: ([richness, width], key) => simulateClusters({ box, parents, background }, richness, width, key),
    likelihood: x => {
      const apart = separationsOf(x, parents, box)
      return ([richness, width], gradient) => {
        if (!valid(richness, width)) return none(gradient)
        let [log, ofRichness, ofWidth] = [-total(richness), -clusters, 0]
        for (let i = 0; i < x.length / 2; i++) {
          let [sum, slope] = [0, 0]
          for (let j = 0; j < clusters; j++) {
            const at = 2 * (i * clusters + j)
            const across = wrapped(apart[at], width, box)
            const along = wrapped(apart[at + 1], width, box)
            sum += across.density * along.density
            slope += across.density * along.ofWidth + across.ofWidth * along.density
          }
          const intensity = background + richness * sum
          log += Math.log(intensity)
          ofRichness += sum / intensity
          ofWidth += (richness * slope) / intensity
        }
        gradient?.set([ofRichness, ofWidth])
        return log
      }
    },
    countLikelihood: points => (theta, gradient) => {
      const [richness, width] = [theta[0], theta[1]]
      if (!valid(richness, width)) return none(gradient)
      const expected = total(richness)
      gradient?.set([clusters * (points / expected - 1), 0])
      return points * Math.log(expected) - expected
    },
    denoiser: (_, x, sigma, theta) => denoised({ box, parents, background }, x, sigma, theta),
  }
}

/** Parents placed at random, `[clusters, 2]`. */
export function randomParents(key: Key, clusters: number, box: number): Float32Array {
  return wrapPositions(
    uniform(key, 2 * clusters).map(u => u * box),
    periodicBox(box, 2),
  )
}

function simulateClusters(
  { box, parents, background }: ClusterFieldOptions,
  richness: number,
  width: number,
  key: Key,
): Float32Array {
  const found: number[] = []
  const spread = poisson(key.split('background'), background * box ** 2)
  for (const u of uniform(key.split('places'), 2 * spread)) found.push(u * box)
  for (let j = 0; j < parents.length / 2; j++) {
    const members = poisson(key.split('members').split(j), richness)
    normal(key.split('offsets').split(j), 2 * members).forEach((z, i) => {
      found.push(parents[2 * j + (i % 2)] + width * z)
    })
  }
  return wrapPositions(Float32Array.from(found), periodicBox(box, 2))
}

/** Nearest separations `[points, clusters, 2]`. */
function separationsOf(x: Float32Array, parents: Float32Array, box: number): Float64Array {
  const clusters = parents.length / 2
  return Float64Array.from({ length: x.length * clusters }, (_, i) => {
    const axis = i % 2
    const pair = Math.floor(i / 2)
    return minimumImage(x[2 * Math.floor(pair / clusters) + axis] - parents[2 * (pair % clusters) + axis], box)
  })
}

/** The wrapped normal density on a circle at its nearest separation, and its derivative in the width. */
function wrapped(near: number, width: number, box: number): { density: number; ofWidth: number } {
  let [density, ofWidth] = [0, 0]
  const reach = Math.min(images, Math.ceil((8 * width) / box - 0.5))
  // most clusters are far from a point: exp(-40) is negligible beside the background
  if (reach === 0 && Math.abs(near) > 9 * width) return { density, ofWidth }
  for (let image = -reach; image <= reach; image++) {
    const z = (near + image * box) / width
    const part = Math.exp((-z * z) / 2)
    density += part
    ofWidth += part * (z * z - 1)
  }
  const norm = 1 / (width * Math.sqrt(2 * Math.PI))
  return { density: density * norm, ofWidth: (ofWidth * norm) / width }
}

/**
 * x + sigma^2 times the gradient of the logarithm of an intensity whose clusters the noise has widened; the background
 * is even and stays as it is.
 */
function denoised({ box, parents, background }: ClusterFieldOptions, x: Tensor, sigma: Tensor, theta: Tensor): Tensor {
  const clusters = parents.length / 2
  const wide = (tensor: Tensor) => tf.reshape(tensor, [-1, 1, 1])
  const [richness, width] = [0, 1].map(i => wide(tf.slice(theta, [0, i], [-1, 1])))
  const spread = tf.square(wide(sigma))
  const variance = tf.add(tf.square(width), spread)
  const [across, along] = [0, 1].map(axis => {
    const places = parents.filter((_, i) => i % 2 === axis)
    const apart = tf.sub(tf.slice(x, [0, 0, axis], [-1, -1, 1]), tf.tensor(places, [1, 1, clusters]))
    return axisTerms(tf.sub(apart, tf.mul(box, tf.round(tf.div(apart, box)))), variance, box)
  })
  const [rows, points] = x.shape
  const even = tf.mul(Math.log(background), tf.ones([rows, points, 1]))
  const logs = tf.add(tf.add(across.log, along.log), tf.log(richness))
  const chances = tf.slice(tf.softmax(tf.concat([logs, even], 2)), [0, 0, 0], [-1, -1, clusters])
  const score = tf.stack(
    [across, along].map(({ score }) => tf.sum(tf.mul(chances, score), 2)),
    2,
  )
  return tf.add(x, tf.mul(spread, score))
}

/** log and score of the wrapped normal, relative to its nearest image, which is never smaller than the others. */
function axisTerms(near: Tensor, variance: Tensor, box: number): { log: Tensor; score: Tensor } {
  let [sum, pull]: [Tensor, Tensor] = [tf.onesLike(near), near]
  for (let image = 1; image <= denoiserImages; image++)
    for (const shift of [image * box, -image * box]) {
      const there = tf.add(near, shift)
      const part = tf.exp(tf.div(tf.sub(tf.square(near), tf.square(there)), tf.mul(2, variance)))
      sum = tf.add(sum, part)
      pull = tf.add(pull, tf.mul(part, there))
    }
  const log = tf.sub(
    tf.sub(tf.log(sum), tf.div(tf.square(near), tf.mul(2, variance))),
    tf.div(tf.log(tf.mul(2 * Math.PI, variance)), 2),
  )
  return { log, score: tf.neg(tf.div(pull, tf.mul(variance, sum))) }
}
