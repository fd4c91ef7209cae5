import { keyOf } from '../../core/index.js'
import { makePairForce, makeSurroundings, type PairBasis, type PairForce } from '../../gnn/pairs/index.js'
import { type NoisedExample, type NoisedOptions, noiseCloud } from './noisedCloud.js'

/** A clean cloud and what is to be done to it. */
export interface NoisedTask {
  readonly key: readonly [number, number]
  /** `[count, 3]` clean, Mpc/h */
  readonly positions: Float32Array
  /** Mpc/h */
  readonly sigma: number
  readonly options: Omit<NoisedOptions, 'predict' | 'surroundings'>
  /** Whose surroundings the network sees; absent where it does not. */
  readonly surroundings?: PairBasis
  /** The pair score at this theta and sigma; absent without it. */
  readonly pairs?: { readonly basis: PairBasis; readonly coefficients: Float64Array }
}

/** Kept from task to task of one worker: buffers alone. */
const forces = new Map<string, PairForce>()
const seers = new Map<string, ReturnType<typeof makeSurroundings>>()

/** Noise, graph and pair score of one cloud, on a worker thread, while the compiled step runs. */
export default function noiseOne({ key, positions, sigma, options, pairs, surroundings }: NoisedTask): NoisedExample {
  const see = surroundings && kept(seers, surroundings, makeSurroundings)
  const force = pairs && kept(forces, pairs.basis, makePairForce)
  const predict =
    force &&
    ((at: Float32Array, points: number) => force(at, points, sigma, pairs.coefficients, new Float32Array(points * 3)))
  return noiseCloud(keyOf(...key), positions, sigma, { ...options, predict, surroundings: see })
}

function kept<T>(made: Map<string, T>, basis: PairBasis, make: (basis: PairBasis) => T): T {
  const name = JSON.stringify(basis)
  const found = made.get(name) ?? make(basis)
  made.set(name, found)
  return found
}
