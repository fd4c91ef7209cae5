import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import type { ArrayValue, Key, Tree } from '../../core/index.js'
import { asTensor, fixed } from '../flow/fixed.js'
import {
  affine,
  autoregressive,
  type Elementwise,
  type Flow,
  type FlowKind,
  flowOf,
  makeFlow,
  spline,
} from '../flow/index.js'
import { inverseLower, type LinearGaussian } from './linearGaussian.js'
import { posteriorNetwork, type Summary } from './npe.js'
import { residualMlp } from './residualMlp.js'

/** Sizes of a conditional flow; what is left out is chosen by experiments on the benchmark tasks. */
export interface FlowShape {
  /** default 'nsf-autoregressive' */
  readonly flow?: FlowKind
  readonly layers?: number
  readonly hidden?: readonly number[]
  readonly bins?: number
  /** of the network that reads the condition */
  readonly width?: number
  readonly blocks?: number
}

export interface ConditionalDensityOptions extends FlowShape {
  readonly dim: number
  /** length of the condition */
  readonly given: number
  /** the density to begin at; default the standard normal */
  readonly start?: LinearGaussian
  /** reads the condition; default the condition itself beside a residual network of it */
  readonly summary?: Summary<Tensor> & { readonly outputs: number }
}

/** A density of rows `[batch, dim]` given other rows. All programs are pure and compile. */
export interface ConditionalDensity {
  readonly dim: number
  init(key: Key): Tree<ArrayValue>
  /** What the condition becomes, `[batch, …]`, computed once for many rows. */
  read(params: Tree<Tensor>, given: Tensor): Tensor
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
export function conditionalDensity(options: ConditionalDensityOptions): ConditionalDensity {
  const { dim, given, start, flow: kind = 'nsf-autoregressive', layers = 5, hidden = [64, 64], bins = 8 } = options
  const summary = options.summary ?? readRows(given, options.width ?? 64, options.blocks ?? 2)
  const flow = flowFor(kind, { dim, conditions: summary.outputs, layers, hidden, bins })
  const network = posteriorNetwork(summary, flow)
  const coordinates = start ? residualCoordinates(start, dim, given) : undefined
  const split = (read: Tensor) => (coordinates ? tf.split(read, [dim, summary.outputs], 1) : [undefined, read])
  return {
    dim,
    init: key => network.init(key),
    read(params, given) {
      const condition = network.summary(params, given)
      return coordinates ? tf.concat([coordinates.centre(given), condition], 1) : condition
    },
    logProb(params, target, read) {
      const [centre, condition] = split(read)
      if (!coordinates || !centre) return network.logProbGiven(params, read, target)
      return network.logProbGiven(params, condition!, coordinates.residual(target, centre)).sub(coordinates.logScale)
    },
    draw(params, noise, read) {
      const [centre, condition] = split(read)
      const { theta, logProb } = network.draw(params, condition!, noise)
      if (!coordinates || !centre) return { x: theta, logProb }
      return { x: coordinates.target(theta, centre), logProb: logProb.sub(coordinates.logScale) }
    },
  }
}

/**
 * Splines bend but hardly move: the first layer of a spline flow is an affine one, which moves and stretches as the
 * condition says. Without it a posterior whose place is no linear function of x is smeared.
 */
function flowFor(kind: FlowKind, options: Omit<Parameters<typeof makeFlow>[0], 'kind'>): Flow {
  if (kind !== 'nsf-autoregressive') return makeFlow({ kind, ...options })
  const { dim, conditions, layers, hidden, bins = 8 } = options
  const axes = Array.from({ length: dim }, (_, i) => i)
  const layer = (elementwise: Elementwise, index: number) =>
    autoregressive({ dim, conditions, hidden, elementwise, order: index % 2 === 0 ? axes : [...axes].reverse() })
  const bent = spline({ bins })
  return flowOf([layer(affine, 1), ...Array.from({ length: layers }, (_, i) => layer(bent, i))])
}

/** Rows of numbers as they are and what a residual network makes of them. */
export function readRows(
  inputs: number,
  width: number,
  blocks: number,
): Summary<Tensor> & { readonly outputs: number } {
  const network = residualMlp({ inputs, outputs: width, width, blocks })
  return {
    outputs: inputs + width,
    init: network.init,
    apply: (params, x) => tf.concat([x, network.apply(params, x)], 1),
  }
}

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
