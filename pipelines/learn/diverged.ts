import { WorkError } from '../../core/index.js'

/** A network left the finite numbers. */
export function diverged(got: string): WorkError {
  return new WorkError(
    'expected training to stay finite',
    `got ${got}`,
    'train again with a smaller --set train.learningRate or train.clip',
  )
}
