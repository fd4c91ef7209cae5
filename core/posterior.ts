import type { Key } from './key.js'
import type { ArrayValue } from './network.js'
import type { ParameterPrior } from './parameterPrior.js'
import type { Target } from './target.js'

/**
 * Names, units and labels of the parameters of a model, and their prior, in one place; every prior is the image of
 * N(0, I). All four agree in number and order: p parameters, as in every `theta` of `[n, p]`.
 */
export interface Parameters {
  /** `[p]`, as files and options name them: `omega_m` */
  readonly names: readonly string[]
  /** `[p]`: `km/s`, or '' where a parameter has no unit */
  readonly units: readonly string[]
  /** `[p]`, in the notation of the field, as a figure names them: `Ω_m` */
  readonly labels: readonly string[]
  readonly prior: ParameterPrior
}

/** Draws of theta given one observation, whatever road made them. */
export interface Draws {
  /** `[n, p]`, flat and row-major, in the units of the parameters */
  readonly theta: Float64Array
  /** `[n]` nats: log p(theta | x), up to a constant where the road knows no more */
  readonly logProb: Float64Array
  /** `rhat`, `ess`, `acceptance`, and what the road reports besides */
  readonly diagnostics: Readonly<Record<string, number>>
  /** What makes the draws doubtful, one sentence each; empty where nothing does. */
  readonly problems: readonly string[]
}

/** What answers p(theta | observation). The caller closes it, since it may hold compiled programs and threads. */
export interface Posterior<O> {
  readonly parameters: Parameters
  /** `n` draws of p(theta | observation). The same key gives the same draws. */
  draw(observation: O, n: number, key: Key): Promise<Draws>
  /** The same of many observations at once, one key each, where that is faster; one result an observation, in order. */
  drawMany?(observations: readonly O[], n: number, keys: readonly Key[]): Promise<Draws[]>
  /** `[n]` nats of theta `[n, p]`, where the density is known; -Infinity outside the prior's support. */
  logProb?(observation: O, theta: Float64Array): Promise<Float64Array>
  /** The log-density over the prior's normal coordinates z `[n, p]`, with its gradient, up to a constant. */
  target?(observation: O): Target
  /** Releases what it holds. No other method may be called afterwards. */
  close(): Promise<void>
}

/** How objects of a kind become network input. */
export interface Reader<O> {
  /** Tensors of objects of one size, by name; the first axis of each counts the objects. */
  encode(objects: readonly O[]): Readonly<Record<string, ArrayValue>>
  /** The padded size that an object needs, where batches are of one size. */
  sizeOf?(object: O): number
}
