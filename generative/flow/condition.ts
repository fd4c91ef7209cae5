import type { Tensor } from '@tensorflow/tfjs'
import { FlowConditionMissing } from './errors.js'

/** Undefined where the bijection takes no condition; an error where it takes one and none is given. */
export function conditionOf(condition: Tensor | undefined, conditions: number): Tensor | undefined {
  if (conditions === 0) return undefined
  if (!condition) throw new FlowConditionMissing(conditions)
  return condition
}
