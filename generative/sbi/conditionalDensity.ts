import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import type { ArrayValue, Key, Summary, Tree } from '../../core/index.js'
import { asTensor, fixed } from '../flow/fixed.js'
import { type FlowKind, makeFlow, splineFlow } from '../flow/index.js'
import { inverseLower, type LinearGaussian } from '../flow/linearGaussian.js'

/** Sizes of a conditional flow; what is left out is chosen by experiments on the benchmark tasks. */
export interface FlowShape {
  /** default 'nsf-autoregressive' */
  readonly flow?: FlowKind
  readonly layers?: number
  readonly hidden?: readonly number[]
  readonly bins?: number
}

export interface ConditionalDensityOptions<Given> extends FlowShape {
  readonly dim: number
  /** reads the condition */
  readonly summary: Summary<Given>
  /** the regression that the density begins as; the standard normal without one */
  readonly start?: {
    readonly regression: LinearGaussian
    readonly width: number
    /** `[batch, width]` that it is a regression on */
    numbers(given: Given): Tensor
  }
}

/** A density of rows `[batch, dim]` given a condition of any form. All programs are pure and compile. */
export interface ConditionalDensity<Given> {
  readonly dim: number
  /** length of what is read of a condition */
  readonly width: number
  init(key: Key): Tree<ArrayValue>
  /** What the condition becomes, `[batch, width]`, computed once for many rows. */
  read(params: Tree<Tensor>, given: Given): Tensor
  /** `[batch]` nats */
  logProb(params: Tree<Tensor>, target: Tensor, read: Tensor): Tensor
  draw(params: Tree<Tensor>, noise: Tensor, read: Tensor): { readonly x: Tensor; readonly logProb: Tensor }
}

/**
 * A flow in the residuals r = L^-1 (target - A given - b) of a linear Gaussian regression: log q(target | given) = log
 * flow(r | given) - log |L|. Flows begin as the identity, so the whole begins as the regression, which is the answer
 * where all is Gaussian and linear; and where the condition says much, splines see the posterior and not the prior that
 * is a hundred times as wide.
 */
export function conditionalDensity<Given>(options: ConditionalDensityOptions<Given>): ConditionalDensity<Given> {
  const { dim, summary, start, flow: kind = 'nsf-autoregressive', layers = 5, hidden = [64, 64], bins = 8 } = options
  const sizes = { dim, conditions: summary.outputs, layers, hidden, bins }
  const flow = kind === 'nsf-autoregressive' ? splineFlow(sizes) : makeFlow({ kind, ...sizes })
  const coordinates = start && residualCoordinates(start.regression, dim, start.width)
  const split = (read: Tensor) => (coordinates ? tf.split(read, [dim, summary.outputs], 1) : [undefined, read])
  const of = (params: Tree<Tensor>) => params as Params<Tensor>
  return {
    dim,
    width: summary.outputs + (coordinates ? dim : 0),
    init: (key): Params<ArrayValue> => ({
      summary: summary.init(key.split('summary')),
      flow: flow.init(key.split('flow')),
    }),
    read(params, given) {
      const condition = summary.apply(of(params).summary, given)
      return start && coordinates ? tf.concat([coordinates.centre(start.numbers(given)), condition], 1) : condition
    },
    logProb(params, target, read) {
      const [centre, condition] = split(read)
      if (!coordinates || !centre) return flow.logProb(of(params).flow, target, read)
      return flow.logProb(of(params).flow, coordinates.residual(target, centre), condition).sub(coordinates.logScale)
    },
    draw(params, noise, read) {
      const [centre, condition] = split(read)
      const { x, logProb } = flow.draw(of(params).flow, noise, condition)
      if (!coordinates || !centre) return { x, logProb }
      return { x: coordinates.target(x, centre), logProb: logProb.sub(coordinates.logScale) }
    },
  }
}

type Params<T> = { readonly summary: Tree<T>; readonly flow: Tree<T> }

/** r = L^-1 target - centre with centre = L^-1 (A given + b), and back. */
export function residualCoordinates({ slope, offset, lower }: LinearGaussian, dim: number, given: number) {
  const inverse = inverseLower(lower)
  const sum = (terms: number, at: (k: number) => number) =>
    Array.from({ length: terms }, (_, k) => at(k)).reduce((a, b) => a + b, 0)
  const whiten = fixed([dim, dim], (i, j) => inverse[j * dim + i])
  const unwhiten = fixed([dim, dim], (i, j) => lower[j * dim + i])
  const toCentre = fixed([given, dim], (i, j) => sum(dim, k => inverse[j * dim + k] * slope[k * given + i]))
  const atCentre = fixed([dim], j => sum(dim, k => inverse[j * dim + k] * offset[k]))
  return {
    /** log |L| */
    logScale: sum(dim, k => Math.log(lower[k * dim + k])),
    centre: (given: Tensor) => given.matMul(asTensor(toCentre)).add(asTensor(atCentre)),
    residual: (target: Tensor, centre: Tensor) => target.matMul(asTensor(whiten)).sub(centre),
    target: (residual: Tensor, centre: Tensor) => residual.add(centre).matMul(asTensor(unwhiten)),
  }
}
