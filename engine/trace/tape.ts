import * as tf from '@tensorflow/tfjs'
import { TraceMisuse } from '../errors.js'

/**
 * Nodes recorded by hand are not on tfjs' tape. Inside a kernel or a custom gradient that is as it should be; else the
 * gradient through them would silently be zero.
 */
export function assertNotOnTape(op: string): void {
  const { gradientDepth, kernelDepth } = tf.engine().state
  if (gradientDepth === 0 || kernelDepth > 0) return
  throw new TraceMisuse(
    'expected a hand-written operation inside tf.customGrad, differentiated once',
    `'${op}' would be differentiated by tfjs, which cannot see it`,
    'wrap it in tf.customGrad; for second derivatives use plain tfjs operations',
  )
}
