import type { Tensor } from '@tensorflow/tfjs'
import type { ArrayValue, Key, Tree } from '../../core/index.js'

/**
 * An invertible map with parameters, row by row, both ways as pure tfjs programs (they compile and differentiate). `x`
 * and `y` are `[batch, dim]`, `condition` is `[batch, conditions]`, `logDet` is `[batch]`: log |det dy/dx| forward, log
 * |det dx/dy| back.
 */
export interface Bijection {
  readonly name: string
  readonly dim: number
  /** length of the condition, 0 for none */
  readonly conditions: number
  init(key: Key): Tree<ArrayValue>
  forwardAndLogDet(params: Tree<Tensor>, x: Tensor, condition?: Tensor): { readonly y: Tensor; readonly logDet: Tensor }
  inverseAndLogDet(params: Tree<Tensor>, y: Tensor, condition?: Tensor): { readonly x: Tensor; readonly logDet: Tensor }
}

/** A density on R^dim given a condition: a bijection between it and the standard normal. */
export interface Flow {
  readonly name: string
  readonly dim: number
  readonly conditions: number
  init(key: Key): Tree<ArrayValue>
  /** log p(x | condition), `[batch]`, nats */
  logProb(params: Tree<Tensor>, x: Tensor, condition?: Tensor): Tensor
  /** The point that standard normal `noise`, `[batch, dim]`, becomes, and its log-density `[batch]`. */
  draw(params: Tree<Tensor>, noise: Tensor, condition?: Tensor): { readonly x: Tensor; readonly logProb: Tensor }
}
