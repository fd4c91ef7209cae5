import { makeKey, permutation as shuffled } from '../../core/index.js'
import { autoregressive } from './autoregressive.js'
import { normalBox } from './box.js'
import { inverted } from './chain.js'
import { coupling } from './coupling.js'
import { affine } from './elementwise/affine.js'
import { spline } from './elementwise/spline.js'
import { FlowMisfit } from './errors.js'
import type { Bijection, Flow } from './flow.js'
import { flowOf } from './flowOf.js'
import { type FlowKind, flowKinds, flows } from './flows.js'
import { invertibleLinear } from './invertibleLinear.js'
import { permutation, standardise } from './linearMaps.js'

export interface FlowOptions {
  readonly kind: FlowKind
  readonly dim: number
  /** length of the condition, 0 for none */
  readonly conditions: number
  /** autoregressive or coupling maps, one after the other */
  readonly layers: number
  /** widths of the hidden layers of each */
  readonly hidden: readonly number[]
  /** pieces of a spline; default 8 */
  readonly bins?: number
  /** the spline is the identity outside of [-bound, bound]; default 5 */
  readonly bound?: number
  /** x lies in this box: the flow has no mass outside of it, and is uniform in it at first */
  readonly box?: { readonly low: readonly number[]; readonly high: readonly number[] }
  /** statistics of x, for flows without a box */
  readonly standard?: { readonly mean: readonly number[]; readonly scale: readonly number[] }
}

/**
 * A flow of one of the usual kinds, the identity at first: so a standard normal, or uniform in its box. Autoregressive
 * layers see the axes in turns forwards and backwards; between couplings the axes are shuffled and mixed by a learned
 * linear map.
 *
 * Density is one pass for all but 'iaf', draws are one pass for 'realnvp', 'nsf-coupling' and 'iaf'; the others take
 * one of the hidden layers an axis.
 */
export function makeFlow(options: FlowOptions): Flow {
  const { kind, dim, layers, box, standard } = options
  if (!flowKinds.includes(kind) || layers < 1 || dim < 1 || (box && standard)) {
    throw new FlowMisfit(
      `expected one of ${flowKinds.join(', ')}, a layer and an axis, and either a box or statistics`,
      `got ${kind}, ${layers} layers, ${dim} axes${box && standard ? ', a box and statistics' : ''}`,
      "make for example { kind: 'maf', dim: 6, conditions: 64, layers: 5, hidden: [128] }",
    )
  }
  const first = box
    ? [inverted(normalBox(box.low, box.high))]
    : standard
      ? [standardise(standard.mean, standard.scale)]
      : []
  return flowOf([...first, ...Array.from({ length: layers }, (_, i) => layer(options, i)).flat()])
}

function layer({ kind, dim, conditions, layers, hidden, bins = 8, bound }: FlowOptions, index: number): Bijection[] {
  const entry = flows[kind]
  const sizes = {
    dim,
    conditions,
    hidden,
    elementwise: entry.elementwise === 'spline' ? spline({ bins, bound }) : affine,
  }
  const turned = (one: Bijection): Bijection => (entry.inverted ? inverted(one) : one)
  if (entry.layer === 'coupling') {
    const mixed = [permutation(between(dim, index)), invertibleLinear(dim)]
    return [turned(coupling(sizes)), ...(index + 1 < layers ? mixed : [])]
  }
  const axes = Array.from({ length: dim }, (_, i) => i)
  return [turned(autoregressive({ ...sizes, order: index % 2 === 0 ? axes : axes.reverse() }))]
}

/** Shuffles chosen by the place in the flow alone; every second one swaps the halves, so that no axis is left out. */
function between(dim: number, index: number): number[] {
  if (index % 2 === 0) return Array.from({ length: dim }, (_, i) => (i + Math.ceil(dim / 2)) % dim)
  return Array.from(shuffled(makeKey(index).split('between couplings'), dim))
}
