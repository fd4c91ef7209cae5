import { keyOf } from '../../core/index.js'
import { makePairForce, type PairBasis, type PairForce } from '../../gnn/pairs/index.js'
import { type NoisedExample, type NoisedOptions, noiseCloud } from './noisedCloud.js'

/** A clean cloud and what is to be done to it. */
export interface NoisedTask {
  readonly key: readonly [number, number]
  /** `[count, 3]` clean, Mpc/h */
  readonly positions: Float32Array
  /** Mpc/h */
  readonly sigma: number
  readonly options: Omit<NoisedOptions, 'predict'>
  /** The pair score at this theta and sigma; absent without it. */
  readonly pairs?: { readonly basis: PairBasis; readonly coefficients: Float64Array }
}

/** Kept from task to task of one worker: buffers alone. */
const forces = new Map<string, PairForce>()

/** Noise, graph and pair score of one cloud, on a worker thread, while the compiled step runs. */
export default function noiseOne({ key, positions, sigma, options, pairs }: NoisedTask): NoisedExample {
  if (!pairs) return noiseCloud(keyOf(...key), positions, sigma, options)
  const name = JSON.stringify(pairs.basis)
  const force = forces.get(name) ?? makePairForce(pairs.basis)
  forces.set(name, force)
  const predict = (at: Float32Array, points: number) =>
    force(at, points, sigma, pairs.coefficients, new Float32Array(points * 3))
  return noiseCloud(keyOf(...key), positions, sigma, { ...options, predict })
}
