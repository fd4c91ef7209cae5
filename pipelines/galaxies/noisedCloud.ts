import { type Box, type Key, normal, wrapPositions } from '../../core/index.js'
import { pathNoise, torusPaths } from '../../generative/matching/index.js'
import { knn } from '../../gnn/graph/index.js'
import { feedsOf } from '../../gnn/layers/index.js'
import type { FlowOptions } from './flow.js'

/** What a network needs to see of a cloud at a noise level, padded to `points`; all lengths in Mpc/h. */
export interface NoisedCloud {
  readonly points: number
  /** `[points, 3]` wrapped into the box */
  readonly positions: Float32Array
  /** `[points]` 1 where real */
  readonly mask: Float32Array
  readonly sigma: number
  /** `[points, 3]` prediction of the pair score */
  readonly pairNoise?: Float32Array
  /** `[points, channels]` what lies around each point (`makeSurroundings`) */
  readonly surroundings?: Float32Array
  /** neighbours of the noised cloud */
  readonly graph?: {
    readonly k: number
    readonly senders: Int32Array
    readonly displacements: Float32Array
    readonly feeds: Int32Array
    readonly width: number
  }
}

/** A noised cloud with the noise that made it. */
export interface NoisedExample extends NoisedCloud {
  /** `[points, 3]` standard normal (or `pathNoise`), zero at padding */
  readonly noise: Float32Array
}

/** Predicted noise of a cloud of real points, `[count, 3]`. */
export type PredictNoise = (positions: Float32Array, points: number, sigma: number) => Float32Array

export interface NoisedOptions {
  readonly box: Box
  /** number of points after padding */
  readonly points: number
  /** neighbours a point, 0 for a network without a graph */
  readonly k: number
  /** ways to uniform points instead of normal noise */
  readonly flow?: FlowOptions
  readonly predict?: PredictNoise
  /** `[count, channels]` features of a cloud of real points */
  readonly surroundings?: (positions: Float32Array, points: number, sigma: number) => Float32Array
}

/** How many sender counts share one compiled step. */
const feedsMultiple = 16

/** The view of a cloud of real points (lifted or wrapped) at noise level `sigma`. */
export function seeCloud(lifted: Float32Array, sigma: number, options: NoisedOptions): NoisedCloud {
  const count = lifted.length / 3
  const real = wrapPositions(lifted.slice(), options.box)
  return {
    points: options.points,
    positions: padded(real, options.points),
    mask: Float32Array.from({ length: options.points }, (_, i) => (i < count ? 1 : 0)),
    sigma,
    ...(options.predict ? { pairNoise: padded(options.predict(real, count, sigma), options.points) } : {}),
    ...(options.surroundings
      ? { surroundings: paddedRows(options.surroundings(real, count, sigma), count, options.points) }
      : {}),
    ...(options.k > 0 ? { graph: paddedGraph(real, options) } : {}),
  }
}

/**
 * A training example: wrapped normal noise of `sigma` on the torus (or the way to uniform points), and what is seen of
 * it.
 */
export function noiseCloud(key: Key, positions: Float32Array, sigma: number, options: NoisedOptions): NoisedExample {
  const { box, flow } = options
  const noise = flow
    ? pathNoise(torusPaths(key.split('noise'), positions, box, flow.coupling), flow.scale)
    : normal(key.split('noise'), positions.length)
  const moved = positions.map((x, i) => x + sigma * noise[i])
  return { ...seeCloud(moved, sigma, options), noise: padded(noise, options.points) }
}

function padded(values: Float32Array, points: number): Float32Array {
  const out = new Float32Array(points * 3)
  out.set(values)
  return out
}

function paddedRows(values: Float32Array, count: number, points: number): Float32Array {
  const out = new Float32Array(points * (values.length / Math.max(1, count)))
  out.set(values)
  return out
}

/** Neighbours of the real points; padding points get themselves, at distance zero, and are hidden by the mask. */
function paddedGraph(real: Float32Array, { box, points, k }: NoisedOptions): NoisedCloud['graph'] {
  const count = real.length / 3
  const graph = knn(real, box, k)
  const senders = new Int32Array(points * k)
  senders.set(graph.senders)
  for (let i = count; i < points; i++) senders.fill(i, i * k, (i + 1) * k)
  const displacements = new Float32Array(points * k * 3)
  displacements.set(graph.displacements)
  const { edges, width } = feedsOf(senders, points, feedsMultiple)
  return { k, senders, displacements, feeds: edges, width }
}
