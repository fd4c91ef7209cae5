import type { Tensor } from '@tensorflow/tfjs'
import type { ArrayValue, Tree } from '../../core/index.js'
import { FlowMisfit } from './errors.js'
import type { Bijection } from './flow.js'

/** One bijection after the other, all of one dimension; the condition goes to each that takes one. */
export function chain(bijections: readonly Bijection[]): Bijection {
  const dim = bijections[0]?.dim ?? 0
  const conditions = Math.max(0, ...bijections.map(b => b.conditions))
  const misfit = bijections.find(b => b.dim !== dim || (b.conditions !== 0 && b.conditions !== conditions))
  if (misfit || dim === 0) {
    throw new FlowMisfit(
      `expected bijections of one dimension and one condition (${dim}, ${conditions})`,
      misfit ? `got '${misfit.name}' of ${misfit.dim}, ${misfit.conditions}` : 'got none',
      'make all with the same dim and conditions',
    )
  }
  return {
    name: bijections.map(b => b.name).join(', '),
    dim,
    conditions,
    init: key => bijections.map((b, i) => b.init(key.split(i))),
    forwardAndLogDet(params, x, condition) {
      let y = x
      const logDets = bijections.map((b, i) => {
        const step = b.forwardAndLogDet(at(params, i), y, condition)
        y = step.y
        return step.logDet
      })
      return { y, logDet: logDets.reduce((sum, logDet) => sum.add(logDet)) }
    },
    inverseAndLogDet(params, y, condition) {
      let x = y
      const logDets: Tensor[] = []
      for (let i = bijections.length - 1; i >= 0; i--) {
        const step = bijections[i].inverseAndLogDet(at(params, i), x, condition)
        x = step.x
        logDets.push(step.logDet)
      }
      return { x, logDet: logDets.reduce((sum, logDet) => sum.add(logDet)) }
    },
  }
}

function at<T extends Tensor | ArrayValue>(params: Tree<T>, i: number): Tree<T> {
  return (params as readonly Tree<T>[])[i]
}

/**
 * The inverse map. An inverted masked autoregressive flow is the inverse autoregressive one (arXiv 1606.04934).
 */
export function inverted(bijection: Bijection): Bijection {
  return {
    ...bijection,
    name: `inverse of ${bijection.name}`,
    forwardAndLogDet(params, x, condition) {
      const { x: y, logDet } = bijection.inverseAndLogDet(params, x, condition)
      return { y, logDet }
    },
    inverseAndLogDet(params, y, condition) {
      const { y: x, logDet } = bijection.forwardAndLogDet(params, y, condition)
      return { x, logDet }
    },
  }
}
