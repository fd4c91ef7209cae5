import type { Tensor } from '@tensorflow/tfjs'
import { FlowConditionMissing } from './errors.js'

/** Nothing where the bijection has no condition; an error where it has one and none came. */
export function conditionOf(condition: Tensor | undefined, conditions: number): Tensor | undefined {
  if (conditions === 0) return undefined
  if (!condition) throw new FlowConditionMissing(conditions)
  return condition
}
