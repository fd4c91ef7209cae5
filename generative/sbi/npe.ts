import type { Tensor } from '@tensorflow/tfjs'
import type { ArrayValue, Key, Tree } from '../../core/index.js'
import type { Flow } from '../flow/flow.js'

/** What turns an observation, of whatever form, into a row of numbers `[batch, outputs]`: the condition of the flow. */
export interface Summary<Observation> {
  init(key: Key): Tree<ArrayValue>
  apply(params: Tree<Tensor>, observation: Observation): Tensor
}

/** Parameters of a posterior network: those of its summary and of its flow. */
export type PosteriorParams<T> = { readonly summary: Tree<T>; readonly flow: Tree<T> }

/**
 * q(theta | x): a density of theta whose condition is learned from x together with it. All programs are pure and
 * compile.
 */
export interface PosteriorNetwork<Observation> {
  init(key: Key): PosteriorParams<ArrayValue>
  /** The condition, `[batch, outputs]`. */
  summary(params: Tree<Tensor>, observation: Observation): Tensor
  /** log q(theta | x), `[batch]`, nats. */
  logProb(params: Tree<Tensor>, observation: Observation, theta: Tensor): Tensor
  /** log q(theta | x) where the condition is known. */
  logProbGiven(params: Tree<Tensor>, summary: Tensor, theta: Tensor): Tensor
  /** theta `[batch, dim]` and log q `[batch]` from standard normal noise `[batch, dim]`, a condition a row. */
  draw(params: Tree<Tensor>, summary: Tensor, noise: Tensor): { readonly theta: Tensor; readonly logProb: Tensor }
}

/**
 * Neural posterior estimation: summary and flow are trained together to the largest mean log q(theta | x) over pairs
 * drawn from p(theta) p(x | theta), for which q is the posterior under that prior where the network can be it
 * (Papamakarios and Murray 2016, arXiv 1605.06376, section 3; with flows Greenberg et al. 2019, arXiv 1905.07488,
 * proposition 1 without the correction).
 */
export function posteriorNetwork<Observation>(
  summary: Summary<Observation>,
  flow: Flow,
): PosteriorNetwork<Observation> {
  const flowOf = (params: Tree<Tensor>) => (params as PosteriorParams<Tensor>).flow
  const summarise = (params: Tree<Tensor>, observation: Observation) =>
    summary.apply((params as PosteriorParams<Tensor>).summary, observation)
  const logProbGiven = (params: Tree<Tensor>, condition: Tensor, theta: Tensor) =>
    flow.logProb(flowOf(params), theta, condition)
  return {
    init: key => ({ summary: summary.init(key.split('summary')), flow: flow.init(key.split('flow')) }),
    summary: summarise,
    logProb: (params, observation, theta) => logProbGiven(params, summarise(params, observation), theta),
    logProbGiven,
    draw(params, condition, noise) {
      const { x, logProb } = flow.draw(flowOf(params), noise, condition)
      return { theta: x, logProb }
    },
  }
}
