import { UsageError } from '../../core/index.js'

/** A flow made for a condition was called without one. */
export class FlowConditionMissing extends UsageError {
  constructor(readonly conditions: number) {
    super(
      `expected a condition of ${conditions} numbers a row`,
      'got none',
      'pass it as the last argument, or make the flow with conditions: 0',
    )
  }
}

/** A flow whose parts do not fit each other, or whose size makes no sense. */
export class FlowMisfit extends UsageError {}
